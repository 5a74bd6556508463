/** The services of docker-compose.yml as plain processes, with the variables of the file, under a Prometheus of their own. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../lab/free-port';
import type { RedisStandalone } from '../../lab/redis-standalone';
import { openWorld } from '../../lab/world';
import { systemClock } from '../../shared/adapters/system-clock';
import type { UserEvent } from '../../shared/model/event';
import { invariant } from '../../shared/model/invariant';
import { encodeEvent } from '../../shared/wire';
import { LabService } from './lab-service';
import { PrometheusServer } from './prometheus-server';
import type { PulsarBroker } from './pulsar-broker';
import { withRedis } from './redis-server';

const TOPIC = 'users';
/** The topic of a second load, which somebody will terminate. */
const DOOMED_TOPIC = 'doomed';

export class ComposeLab {
  private constructor(
    readonly prometheus: PrometheusServer,
    private readonly broker: PulsarBroker,
    private readonly redis: RedisStandalone,
    private readonly namespace: string,
    private readonly folder: string,
    private readonly services: Services,
  ) {}

  static async open(broker: PulsarBroker, redis: RedisStandalone): Promise<ComposeLab> {
    const folder = fs.mkdtempSync(join(tmpdir(), 'orderlab-prometheus-'));
    const namespace = `public/compose-${process.pid}`;
    const services = await Services.start({
      ...{ ORDERLAB_PULSAR_WS: broker.url, ORDERLAB_REDIS_URL: redis.url, ORDERLAB_NAMESPACE: namespace },
      ...{ ORDERLAB_METRICS_HOST: '127.0.0.1', ORDERLAB_METRICS_PORT: '0' },
      ...{ ORDERLAB_API_HOST: '127.0.0.1', ORDERLAB_API_PORT: '0' },
    });
    const prometheus = await PrometheusServer.open(folder, {
      ...services.targets,
      pulsar: [new URL(broker.adminUrl).host],
    });
    return new ComposeLab(prometheus, broker, redis, namespace, folder, services);
  }

  /** The sum over everything that carries the labels. */
  async total(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const picked = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const [sum] = await this.prometheus.query(`sum(${metric}{${picked.join(',')}})`);
    return sum?.value ?? 0;
  }

  async publishText(text: string): Promise<void> {
    await this.publishBytes('stranger', [new TextEncoder().encode(text)]);
  }

  /** As a producer does that is none of ours. */
  async publish(...events: readonly UserEvent[]): Promise<void> {
    await this.publishBytes(events[0]?.user ?? '', events.map(encodeEvent));
  }

  /** The projectors at this prefix have applied something of the user. */
  knows(keyPrefix: string, user: string): Promise<boolean> {
    return withRedis(this.redis.url, async (redis) => (await redis.exists(`${keyPrefix}:m:{${user}}`)) === 1);
  }

  /** As when it expires. */
  async forgetIdempotencyKey(keyPrefix: string, { user, id }: UserEvent): Promise<void> {
    const count = await withRedis(this.redis.url, (redis) => redis.del(`${keyPrefix}:k:{${user}}:${id}`));
    invariant(count === 1, 'there is a key that can be forgotten');
  }

  /** The command API, asked as a client asks it; the status of its answer. `token` null: without one. */
  async command(path: string, body: object, token: 'its own' | null = 'its own'): Promise<number> {
    const { url, token: own } = this.services.commandApi;
    const headers = {
      ...{ 'content-type': 'application/json', 'idempotency-key': path },
      ...(token === null ? {} : { authorization: `Bearer ${own}` }),
    };
    return (await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  }

  /** Nothing can be stored in it any more: every send of its load, which is ready and so connected, fails. */
  async terminateDoomedTopic(): Promise<void> {
    const path = `persistent/${this.namespace}/${DOOMED_TOPIC}/terminate`;
    const answer = await fetch(`${this.broker.adminUrl}/admin/v2/${path}`, { method: 'POST' });
    invariant(answer.ok, `the topic is terminated, got ${answer.status}`);
  }

  killKeyShared(): Promise<void> {
    return this.services.keyShared.kill();
  }

  startKeyShared(): Promise<void> {
    return this.services.startKeyShared();
  }

  stopCommandApi(): Promise<void> {
    return this.services.commandApi.service.stop();
  }

  async stopLoads(): Promise<void> {
    await Promise.all([this.services.load.stop(), this.services.doomed.stop()]);
  }

  async close(): Promise<void> {
    await this.prometheus.stop();
    await this.services.stop();
    await this.inNamespace('owner', async () => {});
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private publishBytes(key: string, payloads: readonly Uint8Array[]): Promise<void> {
    return this.inNamespace('guest', async ({ broker }) => {
      const producer = await broker.createProducer(TOPIC, 'stranger');
      for (const payload of payloads) await producer.send({ key, payload, properties: {} });
      await producer.close();
    });
  }

  /** An owner removes the namespace when it is done. */
  private async inNamespace(
    role: 'owner' | 'guest',
    work: (world: Awaited<ReturnType<typeof openWorld>>) => Promise<void>,
  ): Promise<void> {
    const world = await openWorld({
      ...{ brokerUrl: this.broker.url, storeUrl: 'embedded:', adminUrl: this.broker.adminUrl },
      ...{ namespace: this.namespace, keyPrefix: 'test', clock: systemClock, audit: false, journal: null, role },
    });
    try {
      await work(world);
    } finally {
      await world.close();
    }
  }
}

/** Who is scraped where, and the processes behind it. */
class Services {
  private constructor(
    readonly targets: Readonly<Record<string, readonly string[]>>,
    private readonly environment: Readonly<Record<string, string>>,
    readonly shared: LabService,
    public keyShared: LabService,
    readonly commandApi: { readonly service: LabService; readonly url: string; readonly token: string },
    readonly load: LabService,
    readonly doomed: LabService,
  ) {}

  /** The read sides before the load, as the file has it. */
  static async start(place: Readonly<Record<string, string>>): Promise<Services> {
    /** The second life of this one is scraped where the first one was. */
    const environment = { ...place, ORDERLAB_METRICS_PORT: String(await freePort()) };
    const shared = new LabService('projector-shared', place);
    const keyShared = new LabService('projector-key-shared', environment);
    const projectors = [await shared.ready(), await keyShared.ready()];
    const api = new LabService('command-api', place);
    const commandApi = {
      service: api,
      token: await api.says(/token: (\S+)/),
      url: await api.says(/listens on (http:\S+)/),
    };
    const load = new LabService('load', place);
    const doomed = new LabService('load', { ...place, ORDERLAB_TOPIC: DOOMED_TOPIC });
    const targets = {
      'orderlab-projectors': projectors,
      'orderlab-load': [await load.ready(), await doomed.ready()],
    };
    return new Services(targets, environment, shared, keyShared, commandApi, load, doomed);
  }

  async startKeyShared(): Promise<void> {
    this.keyShared = new LabService('projector-key-shared', this.environment);
    await this.keyShared.ready();
  }

  async stop(): Promise<void> {
    const { shared, keyShared, commandApi, load, doomed } = this;
    await Promise.all([shared, keyShared, commandApi.service, load, doomed].map((service) => service.stop()));
  }
}
