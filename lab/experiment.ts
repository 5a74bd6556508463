/**
 * Experiment: executes one plan in one world and leaves its history.
 *
 * The order of things is the evidence: subscriptions before the first publish, consumers before the producer, quiescence
 * before the log is read back, the log and the end states before the verdict. Nothing here decides whether it is valid.
 */
import { runProducer, SEND_RETRY } from '../producers/producer';
import type { SendRetry } from '../producers/user-chain';
import type { CountingMeter } from '../shared/adapters/counting-meter';
import type { EmbeddedEventStore } from '../shared/adapters/embedded-event-store';
import type { JsonlRecorder } from '../shared/adapters/jsonl-recorder';
import { openLogIndex } from '../shared/adapters/log-index';
import type { UserEvent } from '../shared/model/event';
import { guaranteesOf } from '../shared/model/guarantee';
import { type HeaderBody, HISTORY_FORMAT } from '../shared/model/history';
import type { Plan } from '../shared/model/plan';
import type { WriteSide } from '../shared/model/write-side';
import type { Clock } from '../shared/ports';
import type { EventStore } from '../shared/write-ports';
import { AcknowledgementWatch } from './acknowledgement-watch';
import type { Audience } from './audience';
import { BrokerHand } from './broker-hand';
import { settingsOf } from './consumer-settings';
import type { Crew } from './crew';
import { openEventStore } from './event-store-by-url';
import { isBrokerFault, isCounted, storeFaultsOf, takesTurn } from './fault-arm';
import { HeadAuditor } from './head-auditor';
import { heldLoad } from './held-load';
import { InProcessCrew } from './in-process-crew';
import { type FaultsOfRun, lastingLoad } from './lasting-load';
import type { OwnBroker } from './own-broker';
import { type Gathering, ProcessCrew } from './process-crew';
import { type Quiescence, quiescence } from './quiescence';
import { readBack, readEffects } from './read-back';
import { Recorders } from './recorders';
import { prepareResultTopic, ResultWatch } from './result-watch';
import { eachSecond } from './seconds';
import type { StoreFaults } from './store-faults';
import { Supervisor } from './supervisor';
import type { Watcher } from './watcher';
import { adminUrlOf, openWorld, type Place, type World } from './world';
import { readAppends, runWriteSide } from './write-side';
import { WriterOutage } from './writer-outage';

export const TOPIC = 'users';
export const RESULT_TOPIC = 'results';
export const SUBSCRIPTION = 'projector';

/** A broker that restarts stores nothing for longer than a producer is otherwise patient. */
const RETRY_THROUGH_OUTAGE: SendRetry = { ...SEND_RETRY, deadlineMs: 300_000 };

export interface ExperimentOptions {
  readonly plan: Plan;
  readonly planHash: string;
  /** The events of the plan's workload. */
  readonly events: AsyncIterable<UserEvent>;
  readonly place: Place;
  readonly clock: Clock;
  readonly meter: CountingMeter;
  /** Every consumer in a process of its own. */
  readonly processes: boolean;
  /** The broker, where the run may restart and kill it. */
  readonly ownBroker?: OwnBroker | undefined;
  /** An empty folder for the history files. */
  readonly historyFolder: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Once stopping, no event is published any more and the run is brought to its end. */
  readonly stop: { readonly stopping: boolean };
  /** Who watches the producer and the consumers of this process; default: nobody. */
  readonly watcher?: Watcher;
  /** Told what consumers in processes of their own count; default: nobody, and they count nothing. */
  readonly gathering?: Gathering | undefined;
  /** Default: nobody. With consumers in processes of their own it does not see what they record. */
  readonly audience?: Audience | undefined;
  /** What breaks a real store from outside; default: the plan does nothing to it, or the store is in this process. */
  readonly storeFaults?: StoreFaults | null;
}

/** What the run itself knows; the verdict comes from the history. */
export interface Performance {
  readonly quiescence: Quiescence;
  readonly publishedCount: number;
  /** From the first publish to quiescence. */
  readonly elapsedMs: number;
  /** How long nothing was accepted once a writer had died, at the longest; null: none did. */
  readonly writerOutageMs: number | null;
}

export async function runExperiment(options: ExperimentOptions): Promise<Performance> {
  const { plan, clock, place, processes, historyFolder } = options;
  const { audience } = options;
  const recorders = new Recorders(historyFolder, clock, processes, audience && ((record) => audience.heard(record)));
  try {
    /** Nobody here hears the answers that consumer processes get: their effects are read back at the end. */
    const journal = plan.audit && !processes ? recorders.open('store') : null;
    const storeRestarts = plan.faults.some(({ kind }) => kind === 'store-restart');
    const onReconnect = (to: 'broker' | 'store') => options.watcher?.heard({ kind: 'reconnected', to });
    const deduplicates = plan.workload.kind === 'commands' && plan.workload.writeSide.deduplicates;
    const opening = { ...place, clock, audit: plan.audit, journal, role: 'owner', storeRestarts, onReconnect } as const;
    const world = await openWorld({ ...opening, deduplicates });
    try {
      const performance = await new Experiment(options, world, recorders).perform();
      recorders.closeAll();
      return performance;
    } finally {
      await world.close();
    }
  } finally {
    recorders.abandonAll();
  }
}

class Experiment {
  private readonly resultTopic: string | null;
  private readonly recorder: JsonlRecorder;
  private readonly crew: Crew;
  private readonly supervisor: Supervisor;
  private readonly auditor: HeadAuditor | null;
  private readonly results: ResultWatch | null;
  private isOver = false;
  /** Opened by who has commands to send. */
  private eventStore: EventStore | null = null;
  private embeddedEventStore: EmbeddedEventStore | null = null;
  private readonly writerOutage: WriterOutage;

  constructor(
    private readonly options: ExperimentOptions,
    private readonly world: World,
    private readonly recorders: Recorders,
  ) {
    const { plan, meter } = options;
    this.resultTopic = plan.publishesResult ? RESULT_TOPIC : null;
    this.recorder = recorders.open('supervisor');
    this.crew = this.openCrew();
    this.supervisor = new Supervisor({
      ...{ plan, clock: options.clock, crew: this.crew, recorder: this.recorder, meter },
      broker: this.openBrokerHand(),
      storeFaults: options.storeFaults ?? this.ownStoreFaults(),
    });
    this.auditor = this.openAuditor();
    this.results = this.openResultWatch();
    this.writerOutage = new WriterOutage(options.clock);
  }

  async perform(): Promise<Performance> {
    const { clock } = this.options;
    this.recorder.record(this.header());
    await this.createTopics();
    try {
      this.options.audience?.given(this.supervisor);
      await this.supervisor.start();
      this.auditor?.start();
      const startedAtMs = clock.nowMs();
      this.results?.start();
      const seconds = this.watchSeconds();
      const publishedCount = await this.publish();
      this.supervisor.closeHand();
      /** Whoever waits for an event that is not published any more would wait for ever. */
      if (this.options.stop.stopping || this.options.audience?.load.isOver === true) this.supervisor.endPauses();
      const ended = await this.untilQuiescence();
      const elapsedMs = clock.nowMs() - startedAtMs;
      this.isOver = true;
      await seconds;
      await this.supervisor.stop();
      await this.results?.close();
      await this.readBack();
      return { quiescence: ended, publishedCount, elapsedMs, writerOutageMs: this.writerOutage.longestMs };
    } finally {
      this.isOver = true;
      this.auditor?.abandon();
      this.results?.abandon();
      this.crew.disband();
      await this.eventStore?.close();
    }
  }

  private openCrew(): Crew {
    const { plan, place, processes, historyFolder, watcher } = this.options;
    const subject = { plan, topic: TOPIC, resultTopic: this.resultTopic, subscription: SUBSCRIPTION };
    const isReal = place.brokerUrl !== 'embedded:';
    if (processes) {
      return new ProcessCrew({ ...subject, place }, historyFolder, this.acknowledgementWatch(), this.options.gathering);
    }
    return new InProcessCrew({
      ...{ ...subject, world: this.world, eventLog: openLogIndex(this.world.broker, TOPIC) },
      openRecorder: (name) => (isReal ? this.recorders.openGathering(name) : this.recorders.open(name)),
      ...(watcher === undefined ? {} : { watcherOf: (id) => watcher.watcherOf(id) }),
    });
  }

  /** Stores in this process: they go back in time together, as those on one server do. */
  private ownStoreFaults(): StoreFaults | null {
    const { storeFaults } = this.world;
    if (storeFaults === undefined || storeFaults === null) return null;
    return {
      strike: async (fault) => {
        await storeFaults.strike(fault);
        if (fault.kind === 'store-restart') this.embeddedEventStore?.restart(fault.keptShare);
      },
    };
  }

  /** The reference design has one; a store inside this process forgets nothing that the plan does not let it forget. */
  private openAuditor(): HeadAuditor | null {
    const { plan, place, clock } = this.options;
    const mayForget = place.storeUrl !== 'embedded:' || storeFaultsOf(plan.faults).length > 0;
    if (plan.strategy !== 'version-next-repair' || !mayForget) return null;
    const { store, broker } = this.world;
    const settings = settingsOf(plan, 'auditor');
    return new HeadAuditor({
      ...{ store, eventLog: openLogIndex(broker, TOPIC), settings, recorder: this.recorder, clock },
      onRepair: (eventCount) => this.options.watcher?.heard({ kind: 'repaired', eventCount }),
    });
  }

  /** Where nobody watches the run, nobody reads its derived topic before its end. */
  private openResultWatch(): ResultWatch | null {
    const { watcher, clock } = this.options;
    if (watcher === undefined || this.resultTopic === null) return null;
    return new ResultWatch({
      ...{ broker: this.world.broker, topic: this.resultTopic, name: 'result-watch', clock },
      onResult: (order) => watcher.heard({ kind: 'result', order }),
    });
  }

  private acknowledgementWatch(): AcknowledgementWatch {
    const { place, clock } = this.options;
    const { broker } = this.world;
    const where = { namespace: place.namespace, topic: TOPIC, subscription: SUBSCRIPTION };
    return new AcknowledgementWatch({ broker, adminUrl: adminUrlOf(place), ...where, clock });
  }

  private openBrokerHand(): BrokerHand | undefined {
    const { plan, place, clock, ownBroker } = this.options;
    if (!plan.faults.some(isBrokerFault)) return undefined;
    const adminUrl = adminUrlOf(place);
    const { partitionCount } = plan.topology;
    return new BrokerHand({
      ...{ adminUrl, namespace: place.namespace, topic: TOPIC, partitionCount, subscription: SUBSCRIPTION },
      ...{ clock, ownBroker },
    });
  }

  private header(): HeaderBody {
    const { plan, planHash, versions } = this.options;
    const { scenario, seed, topology, strategy, claim, floors, context, idempotencyKeys, audit } = plan;
    return {
      ...{ stream: 'Run', type: 'header', format: HISTORY_FORMAT, topic: TOPIC, resultTopic: this.resultTopic },
      ...{ scenario, seed, planHash, topology, strategy, claim, floors, context, idempotencyKeys, audit, versions },
      guarantees: guaranteesOf({
        ...plan,
        resultTopic: plan.publishesResult,
        hasWriters: plan.workload.kind === 'commands',
      }),
      ...{ acknowledgements: this.world.acknowledgements, ...this.recorders.ordering },
    };
  }

  /** The subscription stands before the first publish: what came earlier would not be delivered. */
  private async createTopics(): Promise<void> {
    const { broker } = this.world;
    await broker.createTopic(TOPIC, this.options.plan.topology.partitionCount);
    await broker.createSubscription(TOPIC, SUBSCRIPTION);
    if (this.resultTopic !== null) await broker.createTopic(this.resultTopic, 0);
    if (this.results !== null) await prepareResultTopic(broker, RESULT_TOPIC);
  }

  /** Commands become events in writers; every other workload brings them. */
  private async command(writeSide: WriteSide): Promise<number> {
    const { plan, clock, meter, place, stop } = this.options;
    const onEmbedded = (store: EmbeddedEventStore): void => {
      this.embeddedEventStore = store;
    };
    this.eventStore = await openEventStore({
      ...{ ...place, clock, role: 'owner' },
      guardsIncarnation: writeSide.settings.authority?.guardsIncarnation === true,
      ...(plan.faults.some(({ kind }) => kind === 'store-restart') ? { onEmbedded } : {}),
    });
    return runWriteSide({
      ...{ plan, writeSide, world: this.world, store: this.eventStore, topic: TOPIC, clock, meter, stop },
      ...{ recorders: this.recorders, supervisor: this.recorder, place: this.options.processes ? place : null },
      ...{ faults: this.faultsOfRun(this.publishingStop()), outage: this.writerOutage },
    });
  }

  private async publish(): Promise<number> {
    const { plan, clock, meter, watcher } = this.options;
    if (plan.workload.kind === 'commands') return this.command(plan.workload.writeSide);
    const stop = this.publishingStop();
    const events = this.load(stop);
    const producer = await this.world.broker.createProducer(TOPIC, 'producer');
    const { sendsInFlightMax, rate: schedule } = plan;
    const { published } = await runProducer({
      ...{ events, producer, producerName: 'producer', topic: TOPIC, clock, meter, sendsInFlightMax, schedule, stop },
      recorder: this.recorders.open('producer'),
      ...(watcher === undefined ? {} : { watcher }),
      ...(plan.faults.some(isBrokerFault) ? { retry: RETRY_THROUGH_OUTAGE } : {}),
    });
    await producer.close();
    return published;
  }

  /** Statistics that do not come are no reason to end a run: the next second asks again. */
  private async watchSeconds(): Promise<void> {
    const { clock, watcher } = this.options;
    if (watcher === undefined) return;
    await eachSecond(
      clock,
      () => this.isOver,
      async () => {
        const stats = await this.world.broker.stats(TOPIC, SUBSCRIPTION).catch(() => null);
        if (stats !== null)
          watcher.ticked({
            ...stats,
            ...this.supervisor.load,
            storeGeneration: this.world.store.generation,
          });
      },
    );
  }

  /** A run that is broken publishes nothing more: it would send on, patiently, to a broker that may be gone. */
  private publishingStop(): ExperimentOptions['stop'] {
    const { stop } = this.options;
    const { supervisor } = this;
    return {
      get stopping() {
        return stop.stopping || supervisor.isBroken;
      },
    };
  }

  /** The load outruns no join and no leave, and it lasts until the last fault that waits for it is over. */
  private load(stop: ExperimentOptions['stop']): AsyncIterable<UserEvent> {
    const { plan, events, clock } = this.options;
    const { supervisor } = this;
    if (!plan.faults.some(isCounted)) return events;
    const nextMoveAt = (): number => supervisor.nextMoveAt;
    return lastingLoad(heldLoad(events, { clock, nextMoveAt, isOver: () => stop.stopping }), {
      ...this.faultsOfRun(stop),
      ...{ count: plan.floors.appliedAroundFaultMin, endsWithFaults: plan.faults.some(takesTurn) },
    });
  }

  private faultsOfRun(stop: ExperimentOptions['stop']): FaultsOfRun {
    const { supervisor } = this;
    return {
      clock: this.options.clock,
      isOver: () => stop.stopping || supervisor.isDone,
      appliedCount: () => supervisor.appliedCount,
      isChanging: () => supervisor.isChanging,
    };
  }

  private async untilQuiescence(): Promise<Quiescence> {
    const ended = await quiescence({
      clock: this.options.clock,
      settled: async () => (await this.supervisor.settled()) || this.supervisor.isPausing || this.supervisor.isDying,
      backlog: async () => (await this.world.broker.stats(TOPIC, SUBSCRIPTION)).backlog,
      load: () => this.supervisor.load,
      counts: () => this.options.meter.counts,
      check: () => this.supervisor.check(),
    });
    await this.supervisor.settled();
    if (storeFaultsOf(this.options.plan.faults).length > 0 || this.world.store.generation > 1) {
      await this.auditor?.finish();
    }
    this.recorder.record({ stream: 'Run', type: 'quiescence', ...ended });
    return ended;
  }

  /** Everything that the store journalled comes before the log and the end states, which are the last word. */
  private async readBack(): Promise<void> {
    await this.world.settle();
    if (this.options.processes && this.options.plan.audit) await readEffects(this.world, this.recorders);
    const topics = this.resultTopic === null ? [TOPIC] : [TOPIC, this.resultTopic];
    if (this.eventStore !== null) await readAppends(this.eventStore, this.recorders);
    await readBack(this.world, topics, this.recorders);
  }
}
