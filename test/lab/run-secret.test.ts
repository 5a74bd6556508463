import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { planNamed } from '../support/scenario-run';
import { runVirtually } from '../support/virtual-run';

it('writes no password of an address anywhere, also not in the command that replays it', async () => {
  const replay = 'orderlab run --store rediss://me:a-secret@db.example:6379 --seed 1';
  const { folder, report } = await runVirtually(planNamed('competing-consumers', '1'), { replay });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'utf8'));
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.filter((text) => text.includes('a-secret'))).toEqual([]);
  expect(report.replay).toBe('orderlab run --store rediss://***@db.example:6379 --seed 1');
});
