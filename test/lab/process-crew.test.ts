/** What a crew of processes tells of one that fails before it has begun. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchPlan } from '../../lab/bench-plan';
import type { Observer } from '../../lab/crew';
import { ProcessCrew } from '../../lab/process-crew';
import { until } from '../support/until';

/** Nothing listens there. */
const NOWHERE = { brokerUrl: 'ws://127.0.0.1:1', storeUrl: 'redis://127.0.0.1:1', adminUrl: null };
/** Only Linux lists them. One that has ended stands there until its end was heard of. */
const CHILDREN = `/proc/${process.pid}/task/${process.pid}/children`;

const children = (): readonly string[] => readFileSync(CHILDREN, 'utf8').match(/\d+/g) ?? [];

/** In a fresh checkout the process builds the program first. */
jest.setTimeout(180_000);

const testWhere = existsSync(CHILDREN) ? it : it.skip;

testWhere('a consumer that could not begin was nobody: its start fails, and it did not die', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-crew-'));
  const others = children();
  const told: string[] = [];
  const observer: Observer = {
    meet: () => ({ kind: 'go' }),
    count: () => {},
    leaves: ({ id }) => told.push(`${id} leaves`),
    died: ({ id }) => told.push(`${id} died`),
    broke: (thrown) => told.push(String(thrown)),
  };
  const place = { ...NOWHERE, namespace: 'public/crew', keyPrefix: 'crew' };
  const job = { plan: benchPlan(100), topic: 'users', resultTopic: null, subscription: 'projector', place };
  const crew = new ProcessCrew(job, folder, { seen: () => Promise.resolve() });
  try {
    await expect(crew.start('c1', 'c1#1', observer)).rejects.toMatchObject({ code: 'PROCESS_FAILED' });
    await until('the end of the process', () => children().every((pid) => others.includes(pid)));
    expect(told).toEqual([]);
  } finally {
    crew.disband();
    rmSync(folder, { recursive: true, force: true });
  }
});
