/** Every scenario over the embedded broker and a real Redis: the store's journal must tell the checker the same story. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from '../../lab/expectation';
import { freshSeed, run } from '../../lab/run';
import { TcpProxy } from '../../lab/tcp-proxy';
import { systemClock } from '../../shared/adapters/system-clock';
import type { Plan } from '../../shared/model/plan';
import { PLAN } from '../../shared/scenarios/defaults';
import { SCENARIOS_ANYWHERE } from '../../shared/scenarios/registry';
import { describeOwnRedis, describeRedis, TEST_PREFIX, withRedis } from '../support/redis-server';

const folder = mkdtempSync(join(tmpdir(), 'orderlab-scenarios-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let runCount = 0;

async function runOn(storeUrl: string, plan: Omit<Plan, 'seed'>) {
  const seed = freshSeed();
  runCount += 1;
  return run({
    plan: { ...plan, seed },
    ...{ brokerUrl: 'embedded:', storeUrl, clock: systemClock, skipBadLines: false, stop: { stopping: false } },
    folderPath: join(folder, String(runCount)),
    replay: `orderlab run --scenario ${plan.scenario} --seed ${seed} --store ${storeUrl}`,
  });
}

describeRedis('the scenarios', (server) => {
  it.each(SCENARIOS_ANYWHERE)('$name ends as expected', async ({ name, plan, expected }) => {
    const { report, verdict } = await runOn(server().url, { ...plan, scenario: name });
    const { replay, reasons } = report;
    expect({ differences: differences(expected, verdict), replay, reasons }).toEqual({
      differences: [],
      replay,
      reasons,
    });
  });

  it('leave no key behind', async () => {
    const keys = await withRedis(server().url, (redis) => redis.keys('orderlab:*'));
    expect(keys.filter((key) => !key.startsWith(TEST_PREFIX))).toEqual([]);
  });
});

/**
 * The connection breaks after every eight reads of replies, and what was under way then may or may not have taken effect. Whatever the
 * callers never heard of must stand in the history at its place: a hole there would read as an anomaly.
 */
describeOwnRedis('a connection that breaks again and again', [], (server) => {
  const plan: Omit<Plan, 'seed'> = {
    ...PLAN,
    scenario: 'ad-hoc',
    workload: { kind: 'synthetic', users: 30, events: 900, skew: 'uniform' },
    sendsInFlightMax: 20,
  };
  let proxy: TcpProxy;
  beforeEach(async () => {
    proxy = await TcpProxy.open({ host: '127.0.0.1', port: server().port });
    proxy.cutEvery(8);
  });
  afterEach(() => proxy.close());

  it.each(['version-next-repair', 'version-next-park', 'atomic-setnx'] as const)(
    '%s: every event once, in order',
    async (strategy) => {
      const { verdict, report } = await runOn(`redis://127.0.0.1:${proxy.port}`, { ...plan, strategy });
      expect({ status: verdict.status, reasons: verdict.reasons, seed: report.seed }).toMatchObject({
        status: 'valid',
      });
      expect(verdict.counts.applied).toBe(900);
      expect(verdict.counts.duplicatesAbsorbed).toBeGreaterThan(0);
      expect(proxy.cutCount).toBeGreaterThan(10);
    },
  );

  it('no-guard: what was applied and not heard of is applied again, and found', async () => {
    const { verdict } = await runOn(`redis://127.0.0.1:${proxy.port}`, {
      ...plan,
      strategy: 'no-guard',
      idempotencyKeys: false,
    });
    expect(verdict.status).toBe('invalid');
    expect(verdict.anomalies.find(({ id }) => id === 'X2')?.rootCount).toBeGreaterThan(0);
    expect(verdict.anomalies.filter(({ status }) => status === 'root').map(({ id }) => id)).toEqual(['X2']);
  });
});
