/**
 * The services of docker-compose.yml as plain processes over a real Pulsar and Redis, scraped by a real Prometheus with
 * the scrape file of the compose project: every panel has data, the first row shows order broken beside order kept, and
 * alerts fire and clear.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { BOARDS } from '../../dashboards/boards/written';
import { freePort } from '../../lab/free-port';
import type { RedisStandalone } from '../../lab/redis-standalone';
import { openWorld } from '../../lab/world';
import { systemClock } from '../../shared/adapters/system-clock';
import { invariant } from '../../shared/model/invariant';
import { alertCases } from '../support/alert-case';
import { queriesOf, withWindow } from '../support/board-query';
import { LabService } from '../support/lab-service';
import { ROOT } from '../support/markdown-page';
import { PrometheusServer, WINDOW_SECONDS } from '../support/prometheus-server';
import { describePulsar, type PulsarBroker } from '../support/pulsar-broker';
import { describeOwnRedis } from '../support/redis-server';
import { describeTool, PROMETHEUS } from '../support/tool';
import { until } from '../support/until';

/** A condition on a slow machine; each holds within seconds on a quiet one. */
const DEADLINE_MS = 90_000;
jest.setTimeout(4 * DEADLINE_MS);

describeTool(PROMETHEUS, 'the files that it reads', () => {
  const promtool = (...words: readonly string[]) => execFileSync('promtool', words, { encoding: 'utf8', cwd: ROOT });

  it('are a configuration and rules that it accepts', () => {
    expect(promtool('check', 'config', 'dashboards/prometheus.yml')).toContain('SUCCESS');
    expect(promtool('check', 'rules', 'dashboards/alerts.yml')).toContain('SUCCESS');
  });

  it('raise each alert when its series goes bad, with its own words, and clear it afterwards', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'orderlab-promtool-'));
    const path = join(folder, 'cases.yml');
    fs.writeFileSync(path, stringify(alertCases(join(ROOT, 'dashboards', 'alerts.yml'))));
    try {
      expect(promtool('test', 'rules', path)).toContain('SUCCESS');
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeTool(PROMETHEUS, 'the compose services, scraped', () => {
  describePulsar('under a load', (broker) => {
    describeOwnRedis('two read models', [], (redis) => {
      let lab: Lab;
      beforeAll(async () => {
        lab = await openLab(broker(), redis());
      });
      afterAll(() => lab.close());

      it('shows inversions on the Shared side and none on the Key_Shared side of the first row', async () => {
        const effects = (topology: string, order: string) => lab.total('orderlab_effects_total', { topology, order });
        await until('both sides have worked', async () => (await effects('key-shared', 'next')) > 300, DEADLINE_MS);
        await until('the Shared side is out of order', async () => (await effects('shared', 'older')) > 0, DEADLINE_MS);
        expect(await effects('key-shared', 'older')).toBe(0);
        expect(await effects('key-shared', 'hole')).toBe(0);
        expect(await effects('key-shared', 'repeated')).toBe(0);
      });

      const panels = BOARDS.flatMap(({ name, board }) => queriesOf(board).map((query) => [name, query] as const));
      it.each(panels)('%s: `%s` returns data', async (_name, query) => {
        const asked = withWindow(query, WINDOW_SECONDS);
        await until(asked, async () => (await lab.prometheus.query(asked)).length > 0, DEADLINE_MS);
      });

      it('calls for help about the Shared side only, and Pulsar itself is scraped too', async () => {
        await until(
          'order is reported broken',
          async () => (await lab.prometheus.firing('OrderBroken')).length > 0,
          DEADLINE_MS,
        );
        const broken = await lab.prometheus.firing('OrderBroken');
        expect(broken.map(({ topology }) => topology)).toEqual(['shared']);
        expect(await lab.prometheus.query('up{job="pulsar"} == 1')).toHaveLength(1);
      });

      it('reports a message that no event can be read from', async () => {
        await lab.publish('no event');
        await fires(lab, 'MessageQuarantined');
      });

      it('reports a store that is gone, and takes it back when it is there again', async () => {
        await redis().kill();
        await fires(lab, 'StoreFailing');
        await redis().start();
        await clears(lab, 'StoreFailing');
      });

      it('reports a process that was killed until it is there again', async () => {
        await lab.killKeyShared();
        await fires(lab, 'ProcessGone');
        await lab.startKeyShared();
        await clears(lab, 'ProcessGone');
      });

      it('takes everything back once the load is over', async () => {
        await lab.stopLoad();
        await clears(lab, 'OrderBroken');
        await clears(lab, 'MessageQuarantined');
      });
    });
  });
});

async function fires({ prometheus }: Lab, alert: string): Promise<void> {
  await until(`${alert} fires`, async () => (await prometheus.firing(alert)).length > 0, DEADLINE_MS);
}

async function clears({ prometheus }: Lab, alert: string): Promise<void> {
  await until(`${alert} clears`, async () => (await prometheus.firing(alert)).length === 0, DEADLINE_MS);
}

interface Lab {
  readonly prometheus: PrometheusServer;
  /** The sum over everything that carries the labels. */
  total(metric: string, labels: Readonly<Record<string, string>>): Promise<number>;
  publish(text: string): Promise<void>;
  killKeyShared(): Promise<void>;
  startKeyShared(): Promise<void>;
  stopLoad(): Promise<void>;
  close(): Promise<void>;
}

async function openLab(broker: PulsarBroker, redis: RedisStandalone): Promise<Lab> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'orderlab-prometheus-'));
  const namespace = `public/compose-${process.pid}`;
  /** The second life of a process is scraped where the first one was. */
  const keySharedPort = String(await freePort());
  const place = { ORDERLAB_PULSAR_WS: broker.url, ORDERLAB_REDIS_URL: redis.url, ORDERLAB_NAMESPACE: namespace };
  const onThisMachine = { ...place, ORDERLAB_METRICS_HOST: '127.0.0.1', ORDERLAB_METRICS_PORT: '0' };
  const shared = new LabService('projector-shared', onThisMachine);
  const startKeyShared = () =>
    new LabService('projector-key-shared', { ...onThisMachine, ORDERLAB_METRICS_PORT: keySharedPort });
  let keyShared = startKeyShared();
  const projectors = [await shared.ready(), await keyShared.ready()];
  const load = new LabService('load', onThisMachine);
  const prometheus = await PrometheusServer.open(folder, {
    'orderlab-projectors': projectors,
    'orderlab-load': [await load.ready()],
    pulsar: [new URL(broker.adminUrl).host],
  });
  return {
    prometheus,
    total: async (metric, labels) => {
      const picked = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const [sum] = await prometheus.query(`sum(${metric}{${picked.join(',')}})`);
      return sum?.value ?? 0;
    },
    publish: (text) => publishText(broker, namespace, text),
    killKeyShared: () => keyShared.kill(),
    startKeyShared: async () => {
      keyShared = startKeyShared();
      await keyShared.ready();
    },
    stopLoad: () => load.stop(),
    close: async () => {
      await prometheus.stop();
      await Promise.all([load.stop(), shared.stop(), keyShared.stop()]);
      await inNamespace(broker, namespace, 'owner', async () => {});
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

function publishText(broker: PulsarBroker, namespace: string, text: string): Promise<void> {
  return inNamespace(broker, namespace, 'guest', async (world) => {
    const producer = await world.broker.createProducer('users', 'stranger');
    await producer.send({ key: 'stranger', payload: new TextEncoder().encode(text), properties: {} });
    await producer.close();
  });
}

/** An owner removes the namespace when it is done. */
async function inNamespace(
  broker: PulsarBroker,
  namespace: string,
  role: 'owner' | 'guest',
  work: (world: Awaited<ReturnType<typeof openWorld>>) => Promise<void>,
): Promise<void> {
  const place = {
    brokerUrl: broker.url,
    storeUrl: 'embedded:',
    adminUrl: broker.adminUrl,
    namespace,
    keyPrefix: 'test',
  };
  const world = await openWorld({ ...place, clock: systemClock, audit: false, journal: null, role });
  invariant(world.acknowledgements === 'sent', 'the broker is a real one');
  try {
    await work(world);
  } finally {
    await world.close();
  }
}
