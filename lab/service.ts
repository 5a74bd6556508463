/**
 * Services: parts of the user service as they run for good, beside any number of their like.
 *
 * user-service is the scalable whole: command API, relay, projector and reads in one process. command-api has the first two,
 * query-api the last. What they share is in the event store, the topic and the read model, and nowhere else.
 */
import { randomBytes } from 'node:crypto';
import { observedPorts } from '../consumers/observed-ports';
import type { GatheringRecorder } from '../consumers/performer';
import { type Projector, startProjector } from '../consumers/projector';
import { openReader } from '../consumers/reader';
import { STRATEGIES } from '../consumers/strategies/index';
import { runRelay } from '../producers/relay';
import { openCountingMeter } from '../shared/adapters/counting-meter';
import { openLogIndex } from '../shared/adapters/log-index';
import { seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import { causeText } from '../shared/errors';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { AuthoritySettings } from '../shared/model/write-side';
import type { Lifecycle } from '../shared/ports';
import { CAREFUL } from '../shared/scenarios/command-rounds';
import { PLAN } from '../shared/scenarios/defaults';
import type { EventStore } from '../shared/write-ports';
import { API_LIMITS, type ApiServer } from './api/api-server';
import type { Tokens } from './api/bearer-tokens';
import { openUserApi } from './api/user-api';
import { CommandService } from './command-service';
import { settingsOf, UNACKED_COUNT_MAX } from './consumer-settings';
import { openEventStore } from './event-store-by-url';
import { openProcessLog } from './process-log';
import { openScrape } from './scrape';
import { eachSecond } from './seconds';
import { nameOf, type ServiceFlags, type ServicePart, tokensOf } from './service-options';
import { StopRequest } from './stop-request';
import type { Terminal } from './terminal';
import type { Watcher } from './watcher';
import { openWorld, type World } from './world';
import { openCommandService } from './writer-crew';

/** Request records live this long: a client that has not come back by then is answered by the expected version. */
const REQUEST_TTL_MS = 24 * 60 * 60 * 1_000;

/** A shard of an instance that died, or is slow, has no owner for so long at the most. */
const AUTHORITY: Omit<AuthoritySettings, 'shardCount'> = {
  ...{ holdMs: 2_000, forwards: false, checksEpoch: true, guardsIncarnation: false },
};

export interface Service {
  /** `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Takes no more, answers what is under way, publishes what was accepted, drains. */
  close(): Promise<void>;
}

/** A service writes no history: what it does is in its stores. */
const NOWHERE: GatheringRecorder = { record: () => {}, written: () => null };

/** What its metrics are labelled with: its read side is the reference design. */
const LABELS = { topology: PLAN.topology.subscriptionType, strategy: PLAN.strategy } as const;

/**
 * Errors: as openWorld, ApiServer.listen and openScrape, and USAGE or FILE_UNREADABLE for the tokens. What is counted is shown
 * on a port of its own, loopback unless told otherwise, and never where strangers ask.
 */
export async function openService(
  part: ServicePart,
  flags: ServiceFlags,
  terminal: Pick<Terminal, 'say'>,
): Promise<Service> {
  const tokens = tokensOf(flags);
  let isWorking = false;
  const scrape = await openScrape(flags, LABELS, terminal, () => isWorking);
  try {
    const running = await begin(part, flags, tokens, scrape?.watcher ?? null);
    isWorking = true;
    return {
      url: running.url,
      close: async () => {
        isWorking = false;
        await running.close();
        await scrape?.close();
      },
    };
  } catch (thrown) {
    await scrape?.close();
    throw thrown;
  }
}

async function begin(
  part: ServicePart,
  flags: ServiceFlags,
  tokens: Tokens,
  watcher: Watcher | null,
): Promise<Service> {
  const place = {
    ...{ brokerUrl: flags.broker, storeUrl: flags.store, adminUrl: flags.admin ?? null },
    ...{ namespace: flags.namespace, keyPrefix: flags.keyPrefix },
  };
  const world = await openWorld({
    ...{ ...place, clock: systemClock, audit: false, journal: null, role: 'resident' },
    onReconnect: (to) => watcher?.heard({ kind: 'reconnected', to }),
  });
  const store = await openEventStore({ ...place, clock: systemClock, role: 'guest' });
  const running = new RunningService(world, store, flags, watcher);
  await running.createTopic();
  const commands = part === 'query-api' ? null : await running.takeCommands();
  if (part !== 'query-api') running.startRelay();
  if (part === 'user-service') await running.startProjecting();
  const log = openProcessLog(nameOf(flags));
  const api = await openUserApi({
    ...{ tokens, limits: API_LIMITS },
    log: (thrown) => log.error({ cause: causeText(thrown) }, 'a request failed'),
    submit: part === 'query-api' ? null : running.submit,
    post: commands && ((request) => commands.gateway.post(request)),
    queries: part === 'command-api' ? null : openReader(world.store, systemClock),
  });
  const url = await api.listen(flags.host, flags.port);
  return { url, close: () => running.close(api) };
}

class RunningService {
  private readonly stop = new StopRequest();
  private readonly work: Promise<unknown>[] = [];
  submit: (request: CommandRequest) => Promise<CommandReceipt>;
  private readonly name: string;
  private commands: CommandService | null = null;

  constructor(
    private readonly world: World,
    private readonly store: EventStore,
    private readonly flags: ServiceFlags,
    private readonly watcher: Watcher | null,
  ) {
    const { topic } = flags;
    this.name = nameOf(flags);
    const writer = this.name;
    /** Ids of events must differ between lives, so nothing here is drawn from a seed that somebody could repeat. */
    const random = seededRandom(`0x${randomBytes(8).toString('hex')}`);
    const { shards: shardCount = 0 } = flags;
    const authority = shardCount === 0 ? null : { ...AUTHORITY, shardCount };
    const settings = { ...CAREFUL, requestTtlMs: REQUEST_TTL_MS, authority };
    const shared = { writer, settings, store, clock: systemClock, random, topic } as const;
    const service = openCommandService({ ...shared, direct: null, crash: null, onDeath: () => {} }, async () => {});
    this.submit = (request) => service.handle(request);
  }

  async createTopic(): Promise<void> {
    const { topic, subscription } = this.flags;
    await this.world.broker.createTopic(topic, 0);
    await this.world.broker.createSubscription(topic, subscription);
  }

  /** Where commands travel on a topic, whoever is asked puts them there, and takes part in the handling; null: nowhere. */
  async takeCommands(): Promise<CommandService | null> {
    const { commandTopic } = this.flags;
    if (commandTopic === undefined) return null;
    const { broker } = this.world;
    const commands = await CommandService.open({
      ...{ name: this.name, commandTopic, broker, clock: systemClock, execute: this.submit },
    });
    this.submit = (request) => commands.gateway.submit(request);
    this.commands = commands;
    return commands;
  }

  startRelay(): void {
    this.work.push(this.relay(`relay-${this.name}`, this.flags.topic));
  }

  private async relay(producerName: string, topic: string): Promise<void> {
    const producer = await this.world.broker.createProducer(topic, producerName);
    const stop = this.stop;
    await runRelay({
      ...{ store: this.store, producer, producerName, topic, clock: systemClock },
      ...{ recorder: NOWHERE, meter: openCountingMeter() },
      stop: {
        get stopping() {
          return stop.asked;
        },
      },
    });
  }

  async startProjecting(): Promise<void> {
    const { topic, subscription } = this.flags;
    const { name } = this;
    const { broker, store } = this.world;
    const options = { topic, subscription, type: 'key-shared', consumerName: name, receiverQueueSize: 100 } as const;
    const consumer = await broker.subscribe(options);
    const ports = {
      ...{ clock: systemClock, store, consumer, recorder: NOWHERE, results: null },
      eventLog: openLogIndex(broker, topic),
      lifecycle: this.lifecycle(),
    };
    const projector = startProjector({
      strategy: STRATEGIES[PLAN.strategy],
      settings: settingsOf({ ...PLAN, idempotencyKeys: false }, name),
      context: PLAN.context,
      ports: this.watcher === null ? ports : observedPorts(ports, this.watcher.watcherOf(name)),
      meter: openCountingMeter(),
      unackedCountMax: UNACKED_COUNT_MAX,
      witnessesOverlap: false,
    });
    this.work.push(projector.finished.then(() => consumer.close()));
    if (this.watcher !== null) this.work.push(this.tick(projector, this.watcher));
  }

  /** Statistics that do not come are no reason to stop: the next second asks again. */
  private tick(projector: Projector, watcher: Watcher): Promise<void> {
    const { topic, subscription } = this.flags;
    const { broker, store } = this.world;
    return eachSecond(
      systemClock,
      () => this.stop.asked,
      async () => {
        const stats = await broker.stats(topic, subscription).catch(() => null);
        if (stats !== null) watcher.ticked({ ...stats, ...projector.load, storeGeneration: store.generation });
      },
    );
  }

  async close(api: ApiServer): Promise<void> {
    await api.close();
    /** What was accepted on the way out is published. */
    await this.commands?.close();
    this.stop.ask();
    await Promise.all(this.work);
    await this.store.close();
    await this.world.close();
  }

  private lifecycle(): Lifecycle {
    const { stop } = this;
    return {
      reached: () => 'go',
      get stopping() {
        return stop.asked;
      },
      whenStopping: stop.whenAsked,
    };
  }
}
