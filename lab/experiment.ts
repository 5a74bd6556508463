/**
 * Experiment: executes one plan in one world and leaves its history.
 *
 * The order of things is the evidence: subscriptions before the first publish, consumers before the producer, quiescence
 * before the log is read back, the log and the end states before the verdict. Nothing here decides whether it is valid.
 */
import { runProducer } from '../producers/producer';
import type { CountingMeter } from '../shared/adapters/counting-meter';
import { type JsonlRecorder, openJsonlRecorder } from '../shared/adapters/jsonl-recorder';
import { openLogIndex } from '../shared/adapters/log-index';
import type { UserEvent } from '../shared/model/event';
import { guaranteesOf } from '../shared/model/guarantee';
import { type HeaderBody, HISTORY_FORMAT } from '../shared/model/history';
import type { Plan } from '../shared/model/plan';
import type { Clock } from '../shared/ports';
import { decodeEvent } from '../shared/wire';
import { InProcessCrew } from './in-process-crew';
import { type Quiescence, quiescence } from './quiescence';
import { Supervisor } from './supervisor';
import { openWorld, type Place, type World } from './world';

export const TOPIC = 'users';
export const RESULT_TOPIC = 'results';
export const SUBSCRIPTION = 'projector';

export interface ExperimentOptions {
  readonly plan: Plan;
  readonly planHash: string;
  /** The events of the plan's workload. */
  readonly events: AsyncIterable<UserEvent>;
  readonly place: Place;
  readonly clock: Clock;
  readonly meter: CountingMeter;
  /** An empty folder for the history files. */
  readonly historyFolder: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Once stopping, no event is published any more and the run is brought to its end. */
  readonly stop: { readonly stopping: boolean };
}

/** What the run itself knows; the verdict comes from the history. */
export interface Performance {
  readonly quiescence: Quiescence;
  readonly publishedCount: number;
  /** From the first publish to quiescence. */
  readonly elapsedMs: number;
}

export async function runExperiment(options: ExperimentOptions): Promise<Performance> {
  const recorders = new Recorders(options.historyFolder);
  try {
    const performance = await performInWorld(options, recorders);
    recorders.closeAll();
    return performance;
  } finally {
    recorders.abandonAll();
  }
}

async function performInWorld(options: ExperimentOptions, recorders: Recorders): Promise<Performance> {
  const { plan, clock, place } = options;
  const journal = plan.audit ? recorders.open('store') : null;
  const world = await openWorld({ ...place, clock, audit: plan.audit, journal, role: 'owner' });
  try {
    return await perform(options, world, recorders);
  } finally {
    await world.close();
  }
}

async function perform(options: ExperimentOptions, world: World, recorders: Recorders): Promise<Performance> {
  const { plan, clock, meter } = options;
  const recorder = recorders.open('supervisor');
  recorder.record(headerOf(options));
  const resultTopic = plan.publishesResult ? RESULT_TOPIC : null;
  await createTopics(world, plan, resultTopic);
  const crew = new InProcessCrew({
    ...{ plan, world, topic: TOPIC, resultTopic, subscription: SUBSCRIPTION },
    eventLog: openLogIndex(world.broker, TOPIC),
    openRecorder: (name) => recorders.open(name),
  });
  const supervisor = new Supervisor({ plan, crew, recorder, meter });
  await supervisor.start();
  const startedAtMs = clock.nowMs();
  const { published } = await publish(options, world, recorders.open('producer'));
  const ended = await quiescence({
    clock,
    backlog: async () => (await world.broker.stats(TOPIC, SUBSCRIPTION)).backlog,
    load: () => supervisor.load,
    counts: () => meter.counts,
    check: () => supervisor.check(),
  });
  const elapsedMs = clock.nowMs() - startedAtMs;
  recorder.record({ stream: 'Run', type: 'quiescence', ...ended });
  await supervisor.stop();
  await world.settle();
  await readBack(world, resultTopic, recorders);
  return { quiescence: ended, publishedCount: published, elapsedMs };
}

function headerOf({ plan, planHash, versions }: ExperimentOptions): HeaderBody {
  const { scenario, seed, topology, strategy, claim, floors, context, idempotencyKeys, audit } = plan;
  return {
    stream: 'Run',
    type: 'header',
    format: HISTORY_FORMAT,
    ...{ scenario, seed, planHash, topology, strategy, claim, floors, context, idempotencyKeys, audit, versions },
    topic: TOPIC,
    resultTopic: plan.publishesResult ? RESULT_TOPIC : null,
    guarantees: guaranteesOf({ ...plan, resultTopic: plan.publishesResult }),
    /** All recorders of this process share one counter, so the order of the history is exact. */
    orderedBy: 'counter',
    clockErrorMs: 0,
  };
}

async function createTopics({ broker }: World, plan: Plan, resultTopic: string | null): Promise<void> {
  await broker.createTopic(TOPIC, plan.topology.partitionCount);
  await broker.createSubscription(TOPIC, SUBSCRIPTION);
  if (resultTopic !== null) await broker.createTopic(resultTopic, 0);
}

async function publish(options: ExperimentOptions, world: World, recorder: JsonlRecorder) {
  const { plan, clock, meter, events, stop } = options;
  const producer = await world.broker.createProducer(TOPIC, 'producer');
  const { sendsInFlightMax, rate: schedule } = plan;
  const result = await runProducer({
    ...{ events, producer, producerName: 'producer', topic: TOPIC, clock, recorder, meter, sendsInFlightMax, schedule },
    stop,
  });
  await producer.close();
  return result;
}

/** The log by an independent reader, then the store's end states. */
async function readBack({ broker, store }: World, resultTopic: string | null, recorders: Recorders): Promise<void> {
  const recorder = recorders.open('log');
  for (const topic of resultTopic === null ? [TOPIC] : [TOPIC, resultTopic]) {
    for await (const { messageId, partition, position, key, payload } of broker.readLog(topic)) {
      const { event, digest, reason } = decodeEvent(payload);
      const place = { topic, partition, position, messageId, key };
      recorder.record({ stream: 'Log', type: 'entry', ...place, event, digest, reason });
    }
  }
  const states = recorders.open('state');
  for await (const body of store.dump()) states.record(body);
}

/** One file per recorder, one counter for all. */
class Recorders {
  private readonly opened: JsonlRecorder[] = [];
  private order = 0;

  constructor(private readonly folder: string) {}

  open(recorder: string): JsonlRecorder {
    const path = `${this.folder}/${recorder}.jsonl`;
    const opened = openJsonlRecorder({ path, recorder, nextOrder: () => this.nextOrder() });
    this.opened.push(opened);
    return opened;
  }

  closeAll(): void {
    for (const recorder of this.opened) recorder.close();
  }

  /** Those that are still open after a failure end without an end record, so that nobody takes them for whole. */
  abandonAll(): void {
    for (const recorder of this.opened) recorder.abandon();
  }

  private nextOrder(): number {
    this.order += 1;
    return this.order;
  }
}
