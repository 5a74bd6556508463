/** The model held against recordings of a real Pulsar 4.2.4, and mutants of the model, which must be found out by them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { playAlone, RECORDED_IN, recordingText } from '../../lab/conformance/recording';
import type { Script } from '../../lab/conformance/script';
import { SCRIPTS } from '../../lab/conformance/scripts';
import { openModel, type Subject } from '../../lab/conformance/subject';
import { REAL_TEMPO, type VirtualTempo, virtualTempo } from '../../lab/conformance/tempo';
import { openMutant } from '../support/mutant';
import { MUTANTS } from '../support/mutants';

/** Many scripts, on a busy machine. */
jest.setTimeout(60_000);

const FOLDER = path.join(__dirname, '..', 'recordings');
const OPTIONS = { namespace: RECORDED_IN, delays: REAL_TEMPO.delays };
/** Names a mutant: it alone is played, and what it shows is printed beside what the broker showed. */
const ONLY = process.env.ORDERLAB_MUTANT ?? null;

const recorded = (name: string): string => readFileSync(path.join(FOLDER, `${name}.txt`), 'utf8');

const scriptNamed = (name: string): Script => {
  const script = SCRIPTS.find((each) => each.name === name);
  if (script === undefined) throw new Error(`no script ${name}`);
  return script;
};

/** What the side shows, as a recording. A side that breaks shows that. */
async function shownBy(subject: Subject, script: Script, tempo: VirtualTempo): Promise<string> {
  try {
    return recordingText(script, await tempo.clock.run(playAlone(script, subject, tempo)));
  } catch (thrown) {
    return `failed: ${String(thrown)}`;
  }
}

describe('the model', () => {
  it('shows in every script what a real broker showed', async () => {
    const shown = new Map<string, string>();
    for (const script of SCRIPTS) {
      const tempo = virtualTempo();
      const model = openModel(OPTIONS, tempo.clock);
      shown.set(script.name, await shownBy(model, script, tempo));
      await model.close();
    }
    for (const [name, text] of shown) expect([name, text]).toEqual([name, recorded(name)]);
  });

  it('has a recording of every script, and of no other', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(SCRIPTS.map(({ name }) => `${name}.txt`).sort());
  });
});

describe('mutants of the model', () => {
  const mutants = MUTANTS.filter(({ name }) => ONLY === null || name === ONLY);

  it.each(mutants.map((mutant) => [mutant.name, mutant.script, mutant] as const))(
    '%s: is found out by %s',
    async (_name, script, mutant) => {
      const tempo = virtualTempo();
      const subject = openMutant(mutant, OPTIONS, tempo.clock);
      const text = await shownBy(subject, scriptNamed(script), tempo);
      if (ONLY !== null) process.stdout.write(`${recorded(script)}\n--- ${mutant.name}\n\n${text}\n`);
      await subject.close().catch(() => {});
      expect(text).not.toBe(recorded(script));
    },
  );

  it('are many, and no two of them are the same', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(new Set(MUTANTS.map(({ file, line, instead }) => `${file} ${line} ${instead}`)).size).toBe(MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
  });
});
