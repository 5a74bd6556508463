/** Every scenario over the embedded broker and a real Redis: the store's journal must tell the checker the same story. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from '../../lab/expectation';
import { freshSeed, run } from '../../lab/run';
import { systemClock } from '../../shared/adapters/system-clock';
import { SCENARIOS } from '../../shared/scenarios/registry';
import { describeRedis, withRedis } from '../support/redis-server';

describeRedis('the scenarios', (server) => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-scenarios-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(SCENARIOS)('$name ends as expected', async ({ name, plan, expected }) => {
    const seed = freshSeed();
    const { report, verdict } = await run({
      plan: { ...plan, scenario: name, seed },
      ...{ brokerUrl: 'embedded:', storeUrl: server().url, clock: systemClock, skipBadLines: false },
      folderPath: join(folder, name),
      replay: `orderlab run --scenario ${name} --seed ${seed} --store ${server().url}`,
      stop: { stopping: false },
    });
    expect({ differences: differences(expected, verdict), replay: report.replay, reasons: verdict.reasons }).toEqual({
      differences: [],
      replay: report.replay,
      reasons: verdict.reasons,
    });
  });

  it('leave no key behind', async () => {
    expect(await withRedis(server().url, (redis) => redis.keys('orderlab:run-*'))).toEqual([]);
  });
});
