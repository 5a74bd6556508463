/** Scenarios on a served broker: each is to end as it states, as in every other world. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrokerServer, serveBroker } from '../../lab/broker-server/broker-server';
import { differences } from '../../lab/expectation';
import { run } from '../../lab/run';
import { systemClock } from '../../shared/adapters/system-clock';
import { SCENARIOS } from '../../shared/scenarios/registry';
import { planNamed } from './scenario-run';

const SEED = '1';
const RUN_DEADLINE_MS = 120_000;

export function describeServedScenarios(names: readonly string[]): void {
  describe('on a served broker', () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-served-'));
    let server: BrokerServer;
    beforeAll(async () => {
      server = await serveBroker();
    });
    afterAll(async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(SCENARIOS.filter(({ name }) => names.includes(name)))(
      '$name ends as expected',
      async ({ name, expected }) => {
        const { verdict } = await run({
          plan: planNamed(name, SEED),
          ...{ brokerUrl: server.url, storeUrl: 'embedded:', clock: systemClock, skipBadLines: false },
          folderPath: join(folder, name),
          replay: `orderlab run --scenario ${name} --seed ${SEED} --broker ${server.url}`,
          stop: { stopping: false },
        });
        expect({ differences: differences(expected, verdict), reasons: verdict.reasons }).toEqual({
          differences: [],
          reasons: verdict.reasons,
        });
      },
      RUN_DEADLINE_MS,
    );
  });
}
