/** Every scenario over a real Pulsar, through its native client, and a real Redis: the same plans, the same verdicts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from '../../lab/expectation';
import { freshSeed, run } from '../../lab/run';
import { systemClock } from '../../shared/adapters/system-clock';
import { SCENARIOS_ANYWHERE } from '../../shared/scenarios/registry';
import { describeNative } from '../support/pulsar-native';
import { describeRedis } from '../support/redis-server';

describeNative('the scenarios', (addresses) =>
  describeRedis('and a real store', (server) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-scenarios-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(SCENARIOS_ANYWHERE)('$name ends as expected', async ({ name, plan, expected }) => {
      const seed = freshSeed();
      const { url, adminUrl } = addresses();
      const { report, verdict } = await run({
        plan: { ...plan, scenario: name, seed },
        ...{ brokerUrl: url, adminUrl, storeUrl: server().url, clock: systemClock, skipBadLines: false },
        folderPath: join(folder, name),
        replay: `orderlab run --scenario ${name} --seed ${seed} --broker ${url} --admin ${adminUrl} --store ${server().url}`,
        stop: { stopping: false },
      });
      const { replay, reasons } = { ...report, reasons: verdict.reasons };
      expect({ differences: differences(expected, verdict), replay, reasons }).toEqual({
        differences: [],
        replay,
        reasons,
      });
    });
  }),
);
