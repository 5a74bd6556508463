/**
 * Bare rate: what the client alone carries here, from a producer through the broker to consumers that only acknowledge. A
 * share of it is a load that the broker and this machine can take, whatever they are; what it costs to do something with
 * the events is then all that is judged.
 */
import { systemClock } from '../../shared/adapters/system-clock';
import { OrderlabError } from '../../shared/errors';
import type { OutgoingMessage } from '../../shared/model/message';
import type { Consumer } from '../../shared/ports';
import { SUBSCRIPTION, TOPIC } from '../experiment';
import { subscribePatiently } from '../patient-subscription';
import { freshRunId } from '../run';
import { cornerOf, openWorld, type Place, type World } from '../world';
import { bareMessages, sendBare } from './bare-sender';
import type { LoadSettings } from './load-settings';

/** A client that does not come to an end of the messages by then never will, milliseconds. */
const LAP_DEADLINE_MS = 120_000;
const POLL_MS = 20;
const SECOND_MS = 1_000;

export type BareRateOptions = Pick<Place, 'brokerUrl' | 'adminUrl'> & {
  /** Who consumes, how much is in flight, and the messages: all that the workload has. */
  readonly settings: LoadSettings;
};

/** Events per second, the better of two laps: the first one is also what warms the code. Errors: as openWorld, DEADLINE_EXCEEDED. */
export async function bareRate(options: BareRateOptions): Promise<number> {
  return Math.max(await lap(options), await lap(options));
}

async function lap({ settings, brokerUrl, adminUrl }: BareRateOptions): Promise<number> {
  const { plan } = settings;
  const messages = await bareMessages(settings);
  const world = await openWorld({
    ...{ brokerUrl, adminUrl, storeUrl: 'embedded:', ...cornerOf(freshRunId('load')) },
    ...{ clock: systemClock, audit: false, journal: null, role: 'owner' },
  });
  try {
    await world.broker.createTopic(TOPIC, plan.topology.partitionCount);
    await world.broker.createSubscription(TOPIC, SUBSCRIPTION);
    return await carry(world, messages, settings);
  } finally {
    await world.close();
  }
}

async function carry({ broker }: World, messages: readonly OutgoingMessage[], { plan }: LoadSettings): Promise<number> {
  const { subscriptionType: type, consumerCount, receiverQueueSize } = plan.topology;
  const done: Progress = { count: 0, failure: null };
  const consumers: Consumer[] = [];
  for (let index = 1; index <= consumerCount; index += 1) {
    const options = { topic: TOPIC, subscription: SUBSCRIPTION, type, consumerName: `c${index}`, receiverQueueSize };
    consumers.push(await subscribePatiently(broker, options, systemClock));
  }
  const producer = await broker.createProducer(TOPIC, 'bare');
  const startedAtMs = systemClock.nowMs();
  for (const consumer of consumers) noting(done, acknowledgeAll(consumer, done));
  noting(done, sendBare(producer, messages, plan.sendsInFlightMax));
  await untilDone(done, messages.length);
  const rate = (messages.length * SECOND_MS) / (systemClock.nowMs() - startedAtMs);
  await Promise.all([producer, ...consumers].map((each) => each.close()));
  return rate;
}

interface Progress {
  /** Acknowledged. */
  count: number;
  failure: { readonly thrown: unknown } | null;
}

function noting(done: Progress, work: Promise<unknown>): void {
  work.catch((thrown: unknown) => {
    done.failure ??= { thrown };
  });
}

async function acknowledgeAll(consumer: Consumer, done: Progress): Promise<void> {
  for (let next = await consumer.receive(); next !== null; next = await consumer.receive()) {
    const acknowledged = consumer.ack(next.messageId).then(() => {
      done.count += 1;
    });
    noting(done, acknowledged);
  }
}

/** A message may come again, so more may be acknowledged than was sent. */
async function untilDone(done: Progress, count: number): Promise<void> {
  for (let waitedMs = 0; done.count < count; waitedMs += POLL_MS) {
    if (done.failure !== null) throw done.failure.thrown;
    if (waitedMs >= LAP_DEADLINE_MS) {
      throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'measuring the bare client', deadlineMs: LAP_DEADLINE_MS });
    }
    await systemClock.sleep(POLL_MS);
  }
}
