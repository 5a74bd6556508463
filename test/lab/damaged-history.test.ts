/** What a history is worth when a part of it is gone: torn lines are cut, and whatever else is missing is said. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeRun } from '../../lab/run';
import type { Verdict } from '../../shared/model/verdict';
import { runOf } from '../support/scenario-run';
import { temporaryFolder } from '../support/virtual-run';

/** Eight files, a crash among them; every event applied. */
const SCENARIO = 'record-with-effect';
/** Lives that ended in order, and one that was killed. */
const ENDED = 'c2#1.jsonl';
const KILLED = 'c1#1.jsonl';

let original = '';
let names: readonly string[] = [];
let copy = '';
beforeAll(async () => {
  original = (await runOf(SCENARIO, '1')).folder;
  names = readdirSync(join(original, 'history'));
});
beforeEach(() => {
  copy = join(temporaryFolder(), 'run');
  cpSync(original, copy, { recursive: true });
});

/** The verdict after one file of the history has been changed. */
function verdictWith(name: string, change: (text: string) => string): Verdict {
  const path = join(copy, 'history', name);
  writeFileSync(path, change(readFileSync(join(original, 'history', name), 'utf8')));
  return judgeRun(copy);
}

function lossOf(verdict: Verdict) {
  return verdict.anomalies.find(({ id }) => id === 'H3')?.how ?? null;
}

/** Where the last line begins. */
function lastLineOf(text: string): number {
  return text.lastIndexOf('\n', text.length - 2) + 1;
}

function withoutLine(text: string, index: number): string {
  return text
    .split('\n')
    .filter((_, at) => at !== index)
    .join('\n');
}

describe('a history whose files are cut in their last lines', () => {
  it('is valid as it stands', () => {
    expect(judgeRun(copy).status).toBe('valid');
  });

  it('is judged wherever the cut falls: whoever was not killed has to end in order', () => {
    for (const name of names) {
      const text = readFileSync(join(original, 'history', name), 'utf8');
      const start = lastLineOf(text);
      /** Of a life that recorded its end and nothing else, nothing but the end can be missing. */
      if (start === 0) continue;
      for (let length = start; length < text.length; length += 7) {
        const verdict = verdictWith(name, () => text.slice(0, length));
        /** The last line of a killed life is its last act, and that of the others their end, with its line feed or not. */
        const isWhole = name === KILLED || length === text.length - 1;
        const expected = isWhole ? 'valid' : 'unknown';
        expect({ name, length, status: verdict.status }).toEqual({ name, length, status: expected });
      }
      writeFileSync(join(copy, 'history', name), text);
    }
  });

  it.each(['log', 'store', 'state', 'producer', 'supervisor'])(
    'is unknown with H3 where the file %s is cut between two records',
    (name) => {
      const verdict = verdictWith(`${name}.jsonl`, (text) => text.slice(0, lastLineOf(text)));
      expect(verdict.status).toBe('unknown');
      expect(lossOf(verdict)).toEqual({ 'no-end': 1 });
      expect(verdict.reasons.join()).toContain(`the records of ${name} stop without an end`);
    },
  );

  it('loses nothing when only the last line feed is missing', () => {
    expect(verdictWith(ENDED, (text) => text.slice(0, -1)).status).toBe('valid');
  });

  it('is unknown with H3 where a consumer stops without an end and without a recorded crash', () => {
    const verdict = verdictWith(ENDED, (text) => text.slice(0, lastLineOf(text) + 10));
    expect(verdict.status).toBe('unknown');
    expect(lossOf(verdict)).toEqual({ 'no-end': 1 });
    expect(verdict.reasons.join()).toContain('the records of c2#1 stop without an end');
  });

  it('is no better where the crash of a killed life was not recorded', () => {
    const verdict = verdictWith('supervisor.jsonl', (text) =>
      withoutLine(
        text,
        text.split('\n').findIndex((line) => line.includes('"crash","consumer":"c1#1"')),
      ),
    );
    expect(verdict.status).not.toBe('valid');
    expect(lossOf(verdict)).toEqual({ hole: 1, 'no-end': 1 });
  });
});

describe('a history with a hole', () => {
  it('is never valid, whichever line is missing from whichever file', () => {
    for (const name of names) {
      const text = readFileSync(join(original, 'history', name), 'utf8');
      const lineCount = text.trimEnd().split('\n').length;
      for (let line = 0; line < lineCount - 1; line += 3) {
        /** Without its header nothing says what the run claims. */
        if (name === 'supervisor.jsonl' && line === 0) continue;
        const verdict = verdictWith(name, () => withoutLine(text, line));
        expect({ name, line, isValid: verdict.status === 'valid', loss: lossOf(verdict)?.hole }).toEqual({
          ...{ name, line, isValid: false, loss: 1 },
        });
      }
      writeFileSync(join(copy, 'history', name), text);
    }
  });

  it('says how much is missing, and of whom', () => {
    const verdict = verdictWith('producer.jsonl', (text) => withoutLine(withoutLine(text, 3), 3));
    expect(verdict.reasons.join()).toContain('2 record(s) of producer are missing');
  });
});

describe('a history without one of its files', () => {
  it.each(['log.jsonl', 'store.jsonl', 'state.jsonl'])('is never valid: %s', (name) => {
    rmSync(join(copy, 'history', name));
    expect(judgeRun(copy).status).not.toBe('valid');
  });
});
