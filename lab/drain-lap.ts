/**
 * Drain lap: so many messages stand in a topic; how long until all are consumed and acknowledged?
 *
 * bare: the client alone, receive and acknowledge. projector: the same client under the projector and its store. Both
 * laps find the same messages in a corner of their own, so that what differs is our work and nothing else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProducer } from '../producers/producer';
import { expandWorkload } from '../producers/workload';
import { openCountingMeter } from '../shared/adapters/counting-meter';
import { openLogIndex } from '../shared/adapters/log-index';
import { seededIds, seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import type { MeterName } from '../shared/model/metric';
import type { Plan } from '../shared/model/plan';
import type { Consumer, Meter } from '../shared/ports';
import { SUBSCRIPTION, TOPIC } from './experiment';
import { InProcessCrew } from './in-process-crew';
import { Recorders } from './recorders';
import { Supervisor } from './supervisor';
import { openWorld, type Place, type World } from './world';

export interface Lap {
  readonly eventsPerSecond: number;
  /** Of this process: client, projector and store client, without the servers. */
  readonly cpuMicrosPerEvent: number;
}

export interface LapOptions {
  readonly plan: Plan;
  /** Messages that stand in the topic. */
  readonly eventCount: number;
  /** A corner that nobody else uses. */
  readonly place: Place;
  /** Once stopping, the lap is given up with LapInterrupted, and its corner is removed. Default: never. */
  readonly stop?: { readonly stopping: boolean };
}

/** Somebody has asked to stop: there is no figure. */
export class LapInterrupted extends Error {
  override readonly name = 'LapInterrupted';
}

/** Whether a lap has ended is looked at this often; its end is noted when it comes. */
const POLL_MS = 20;
/** A lap that has not ended by then never will. */
const LAP_DEADLINE_MS = 120_000;

export function bareLap(options: LapOptions): Promise<Lap> {
  return inCorner(options, async (world) => {
    const drain = new Drain(options);
    const consumers: Consumer[] = [];
    for (let index = 0; index < options.plan.topology.consumerCount; index += 1) {
      const consumer = await subscribe(world, options, index);
      consumers.push(consumer);
      take(consumer, drain).catch((thrown: unknown) => drain.fail(thrown));
    }
    const lap = await drain.ended();
    await Promise.all(consumers.map((consumer) => consumer.close()));
    return lap;
  });
}

export function projectorLap(options: LapOptions): Promise<Lap> {
  return inCorner(options, async (world) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-bench-'));
    const recorders = new Recorders(folder, systemClock, false);
    const drain = new Drain(options);
    const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
    /** Also for who does not wait for the end of the lap. */
    process.once('exit', removeFolder);
    const { plan } = options;
    const crew = new InProcessCrew({
      ...{ plan, world, topic: TOPIC, resultTopic: null, subscription: SUBSCRIPTION },
      eventLog: openLogIndex(world.broker, TOPIC),
      openRecorder: (name) => recorders.openGathering(name),
    });
    const supervisor = new Supervisor({
      plan,
      clock: systemClock,
      crew,
      recorder: recorders.open('supervisor'),
      meter: drain,
    });
    try {
      await supervisor.start();
      return await drain.ended(() => supervisor.check());
    } finally {
      await supervisor.stop();
      recorders.abandonAll();
      process.off('exit', removeFolder);
      removeFolder();
    }
  });
}

/** Measures from the first delivery to the last acknowledgement: joining is no part of either lap, what it prefetches is of both. */
class Drain implements Meter {
  private deliveredCount = 0;
  private doneCount = 0;
  private startedAtMs = 0;
  private cpu = process.cpuUsage();
  private lap: Lap | null = null;
  private failure: { readonly thrown: unknown } | null = null;

  constructor(private readonly options: Pick<LapOptions, 'eventCount' | 'stop'>) {}

  count(name: MeterName): void {
    if (name === 'delivered') this.deliver();
    /** Absorbed: applied by a call whose answer came too late, as on a machine that is overloaded. */
    if (name === 'applied' || name === 'absorbed') this.done();
  }

  deliver(): void {
    this.deliveredCount += 1;
    if (this.deliveredCount > 1) return;
    this.startedAtMs = systemClock.nowMs();
    this.cpu = process.cpuUsage();
  }

  done(): void {
    this.doneCount += 1;
    const { eventCount } = this.options;
    if (this.doneCount !== eventCount) return;
    const { user, system } = process.cpuUsage(this.cpu);
    const seconds = (systemClock.nowMs() - this.startedAtMs) / 1_000;
    this.lap = {
      eventsPerSecond: eventCount / seconds,
      cpuMicrosPerEvent: (user + system) / eventCount,
    };
  }

  fail(thrown: unknown): void {
    this.failure ??= { thrown };
  }

  /** `check` throws what has gone wrong. */
  async ended(check: () => void = () => {}): Promise<Lap> {
    for (let waitedMs = 0; waitedMs < LAP_DEADLINE_MS; waitedMs += POLL_MS) {
      check();
      if (this.failure !== null) throw this.failure.thrown;
      if (this.lap !== null) return this.lap;
      if (this.options.stop?.stopping === true) throw new LapInterrupted();
      await systemClock.sleep(POLL_MS);
    }
    throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'a lap of the bench', deadlineMs: LAP_DEADLINE_MS });
  }
}

/** A corner with the workload published into it, gone afterwards. */
async function inCorner(options: LapOptions, work: (world: World) => Promise<Lap>): Promise<Lap> {
  const { plan, place } = options;
  const world = await openWorld({ ...place, clock: systemClock, audit: false, journal: null, role: 'owner' });
  try {
    await world.broker.createTopic(TOPIC, plan.topology.partitionCount);
    await world.broker.createSubscription(TOPIC, SUBSCRIPTION);
    await publish(world, options);
    return await work(world);
  } finally {
    await world.close();
  }
}

async function publish({ broker }: World, { plan, eventCount, stop }: LapOptions): Promise<void> {
  const random = seededRandom(plan.seed);
  const ids = seededIds(random.stream('ids', 'events'));
  const producer = await broker.createProducer(TOPIC, 'producer');
  const { published } = await runProducer({
    events: expandWorkload(plan.workload, { random, ids, trace: null }),
    ...{ producer, producerName: 'producer', topic: TOPIC, clock: systemClock, meter: openCountingMeter() },
    ...{ recorder: { record: () => {} }, sendsInFlightMax: plan.sendsInFlightMax, schedule: null },
    ...(stop === undefined ? {} : { stop }),
  });
  await producer.close();
  if (stop?.stopping === true) throw new LapInterrupted();
  if (published !== eventCount) {
    throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'publishing the workload', deadlineMs: LAP_DEADLINE_MS });
  }
}

function subscribe({ broker }: World, { plan }: LapOptions, index: number): Promise<Consumer> {
  const { subscriptionType: type, receiverQueueSize } = plan.topology;
  const consumerName = `c${index + 1}`;
  return broker.subscribe({ topic: TOPIC, subscription: SUBSCRIPTION, type, consumerName, receiverQueueSize });
}

/** Acknowledgements are not waited for one by one: nor does the projector, whose deliveries go on side by side. */
async function take(consumer: Consumer, drain: Drain): Promise<void> {
  for (let delivery = await consumer.receive(); delivery !== null; delivery = await consumer.receive()) {
    drain.deliver();
    consumer.ack(delivery.messageId).then(
      () => drain.done(),
      (thrown: unknown) => drain.fail(thrown),
    );
  }
}
