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
import type { Plan } from '../shared/model/plan';
import type { Consumer } from '../shared/ports';
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
}

/** Looked at this often; a lap takes hundreds of these. */
const POLL_MS = 2;
/** A lap that has not ended by then never will. */
const LAP_DEADLINE_MS = 120_000;

export function bareLap(options: LapOptions): Promise<Lap> {
  return inCorner(options, async (world) => {
    const { consumerCount } = options.plan.topology;
    const consumers = await Promise.all(
      Array.from({ length: consumerCount }, (_, index) => subscribe(world, options, index)),
    );
    let count = 0;
    const lap = await timed(options, () => {
      for (const consumer of consumers) void take(consumer, () => (count += 1));
      return until(() => count >= options.eventCount);
    });
    await Promise.all(consumers.map((consumer) => consumer.close()));
    return lap;
  });
}

export function projectorLap(options: LapOptions): Promise<Lap> {
  return inCorner(options, async (world) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-bench-'));
    const recorders = new Recorders(folder, systemClock, false);
    const { plan } = options;
    const meter = openCountingMeter();
    const crew = new InProcessCrew({
      ...{ plan, world, topic: TOPIC, resultTopic: null, subscription: SUBSCRIPTION },
      eventLog: openLogIndex(world.broker, TOPIC),
      openRecorder: (name) => recorders.open(name),
    });
    const supervisor = new Supervisor({ plan, crew, recorder: recorders.open('supervisor'), meter });
    try {
      return await timed(options, async () => {
        await supervisor.start();
        await until(() => {
          supervisor.check();
          return meter.counts.applied >= options.eventCount;
        });
      });
    } finally {
      await supervisor.stop();
      recorders.abandonAll();
      rmSync(folder, { recursive: true, force: true });
    }
  });
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

async function publish({ broker }: World, { plan, eventCount }: LapOptions): Promise<void> {
  const random = seededRandom(plan.seed);
  const ids = seededIds(random.stream('ids', 'events'));
  const producer = await broker.createProducer(TOPIC, 'producer');
  const { published } = await runProducer({
    events: expandWorkload(plan.workload, { random, ids, trace: null }),
    ...{ producer, producerName: 'producer', topic: TOPIC, clock: systemClock, meter: openCountingMeter() },
    ...{ recorder: { record: () => {} }, sendsInFlightMax: plan.sendsInFlightMax, schedule: null },
  });
  await producer.close();
  if (published !== eventCount) {
    throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'publishing the workload', deadlineMs: LAP_DEADLINE_MS });
  }
}

function subscribe({ broker }: World, { plan }: LapOptions, index: number): Promise<Consumer> {
  const { subscriptionType: type, receiverQueueSize } = plan.topology;
  const consumerName = `c${index + 1}`;
  return broker.subscribe({ topic: TOPIC, subscription: SUBSCRIPTION, type, consumerName, receiverQueueSize });
}

async function take(consumer: Consumer, acknowledged: () => void): Promise<void> {
  for (let delivery = await consumer.receive(); delivery !== null; delivery = await consumer.receive()) {
    await consumer.ack(delivery.messageId);
    acknowledged();
  }
}

async function timed({ eventCount }: LapOptions, work: () => Promise<void>): Promise<Lap> {
  const startedAtMs = systemClock.nowMs();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (systemClock.nowMs() - startedAtMs) / 1_000;
  return { eventsPerSecond: eventCount / seconds, cpuMicrosPerEvent: (user + system) / eventCount };
}

async function until(done: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < LAP_DEADLINE_MS; waitedMs += POLL_MS) {
    if (done()) return;
    await systemClock.sleep(POLL_MS);
  }
  throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'a lap of the bench', deadlineMs: LAP_DEADLINE_MS });
}
