/** Publisher: a load without consumers of its own, on a topic that others read. Order is judged by who consumes. */
import { paddingProducer } from '../../producers/padding';
import { type ProducerResult, runProducer } from '../../producers/producer';
import { openCountingMeter } from '../../shared/adapters/counting-meter';
import { eachSecond } from '../seconds';
import { SILENT_RECORDER } from '../silent-recorder';
import { watchingAll } from '../watcher';
import { openWorld } from '../world';
import type { LatencyFigures } from './latency';
import { eventsOf, type LoadOptions } from './load';
import { LoadTally } from './load-tally';

export interface PublisherOptions extends LoadOptions {
  readonly topic: string;
  /** Begins every user: two lives on one topic would otherwise give one user two streams. */
  readonly userPrefix: string;
  /** Called when it is connected and begins. */
  readonly onWorking: () => void;
}

export interface PublisherReport extends ProducerResult {
  readonly sendLatency: LatencyFigures;
  readonly lateness: LatencyFigures;
}

/** Who consumes counts its own. */
const NO_READ_SIDE = { backlog: 0, unackedCount: 0, drainingHashCount: 0, inHandCount: 0, parkedCount: 0 } as const;

/** Subscriptions have to be there before: what is published earlier is nobody's. */
export async function runPublisher(options: PublisherOptions): Promise<PublisherReport> {
  const { place, clock, settings, topic, stop, watcher, onSecond, userPrefix, onWorking } = options;
  const { plan, shape } = settings;
  const world = await openWorld({ ...place, clock, audit: false, journal: null, role: 'resident' });
  const tally = new LoadTally(clock, onSecond);
  const all = watchingAll(watcher === undefined ? [tally] : [tally, watcher]);
  let isOver = false;
  try {
    await world.broker.createTopic(topic, plan.topology.partitionCount);
    const bare = await world.broker.createProducer(topic, userPrefix);
    const producer = shape.payloadBytes > 0 ? paddingProducer(bare, shape.payloadBytes) : bare;
    tally.start(shape.warmupS);
    onWorking();
    const seconds = eachSecond(
      clock,
      () => isOver,
      async () => all.ticked({ ...NO_READ_SIDE, storeGeneration: world.store.generation }),
    );
    const result = await runProducer({
      ...{
        events: eventsOf(settings, (user) => `${userPrefix}${user}`),
        producer,
        producerName: 'load',
        topic,
        clock,
        stop,
        watcher: all,
      },
      ...{ sendsInFlightMax: plan.sendsInFlightMax, sendsDueAtOnce: true, schedule: plan.rate },
      recorder: SILENT_RECORDER,
      meter: openCountingMeter(),
    });
    isOver = true;
    await seconds;
    await producer.close();
    return { ...result, sendLatency: tally.sendLatency.figures, lateness: tally.lateness.figures };
  } finally {
    isOver = true;
    await world.close();
  }
}
