/** Every scenario over a real Pulsar, through its WebSocket API, and a real Redis: the same plans, the same verdicts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from '../../lab/expectation';
import { freshSeed, run } from '../../lab/run';
import { systemClock } from '../../shared/adapters/system-clock';
import { SCENARIOS_ANYWHERE } from '../../shared/scenarios/registry';
import { describePulsar } from '../support/pulsar-broker';
import { describeRedis } from '../support/redis-server';

describeRedis('and a real broker', (store) =>
  describePulsar('the scenarios', (broker) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-scenarios-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(SCENARIOS_ANYWHERE)('$name ends as expected', async ({ name, plan, expected }) => {
      const seed = freshSeed();
      const { report, verdict } = await run({
        plan: { ...plan, scenario: name, seed },
        ...{ brokerUrl: broker().url, storeUrl: store().url, clock: systemClock, skipBadLines: false },
        folderPath: join(folder, name),
        replay: `orderlab run --scenario ${name} --seed ${seed} --broker ${broker().url} --store ${store().url}`,
        stop: { stopping: false },
      });
      const { replay, reasons } = { ...report, reasons: verdict.reasons };
      expect({ differences: differences(expected, verdict), replay, reasons }).toEqual({
        differences: [],
        replay,
        reasons,
      });
    });

    it('leave no namespace behind', async () => {
      const answer = await fetch(`${broker().adminUrl}/admin/v2/namespaces/public`);
      const namespaces: unknown = await answer.json();
      expect(namespaces).toContain('public/default');
      const runs = readdirSync(folder);
      expect(runs.length).toBeGreaterThan(0);
      for (const name of runs) expect(namespaces).not.toContain(`public/${runIdOf(join(folder, name))}`);
    });
  }),
);

/** The run's own corner at the broker, as its folder tells it. */
function runIdOf(runFolder: string): string {
  return JSON.parse(readFileSync(join(runFolder, 'config.json'), 'utf8')).runId;
}
