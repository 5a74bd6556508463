/**
 * The committed histories: each class with a right way and a wrong way, as files that people and other tools can read.
 * `UPDATE_HISTORIES=1 npx jest test/checker/histories.test.ts` writes them anew from test/support/planted.ts; review the
 * difference as prose.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory } from '../../shared/adapters/history-files';
import { judged } from '../support/judged';
import { historyOfPlanted, PLANTED } from '../support/planted';

const FOLDER = join(__dirname, '..', 'histories');
const WAYS = ['valid', 'invalid'] as const;

const files = PLANTED.flatMap((piece) => WAYS.map((way) => ({ name: `${piece.name}-${way}.jsonl`, piece, way })));

if (process.env.UPDATE_HISTORIES === '1')
  for (const { name, piece, way } of files) {
    const lines = historyOfPlanted(piece, way).map((record) => `${JSON.stringify(record)}\n`);
    writeFileSync(join(FOLDER, name), lines.join(''));
  }

describe('the committed histories', () => {
  it('are a right and a wrong way for every planted anomaly, and nothing else', () => {
    const names = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));
    expect(names.sort()).toEqual(files.map(({ name }) => name).sort());
  });

  it.each(files.map((file) => [file.name, file] as const))('%s has the verdict that is stated for it', (name, file) => {
    const { piece, way } = file;
    const verdict = judged(readHistory(join(FOLDER, name)));
    expect(verdict.status).toBe(way === 'valid' ? 'valid' : piece.status);
    const roots = verdict.anomalies.filter(({ status }) => status === 'root').map(({ id }) => id);
    expect(roots).toEqual(way === 'valid' ? [] : piece.roots);
  });
});
