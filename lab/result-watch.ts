/**
 * Result watch: the order of a derived topic as its one reader sees it, while it grows.
 *
 * Who publishes results sees its own only: of 2 and 4 at one process and 1 and 3 at another, each by itself ascends. One
 * reader sees 2, 1, 4, 3. Its subscription is Exclusive, so of several processes that watch one is the watcher and the
 * others stand by: nothing is counted twice, and when the watcher ends another one goes on behind what it acknowledged.
 */
import { OrderlabError } from '../shared/errors';
import { type EffectOrder, effectOrder } from '../shared/model/effect-order';
import type { Broker, Clock, Consumer } from '../shared/ports';
import { decodeEvent } from '../shared/wire';

/** Users whose last result is remembered; at it the one that was silent for longest is forgotten, and judged no more. */
export const RESULT_USER_COUNT_MAX = 1_000_000;

const SUBSCRIPTION = 'result-watch';
const RECEIVER_QUEUE_SIZE = 100;
/** Who stands by looks this often whether the place is free. */
const STAND_BY_MS = 500;

export interface ResultWatchOptions {
  readonly broker: Broker;
  /** It exists; see `prepareResultTopic`. */
  readonly topic: string;
  /** Of this watcher: unique among those that may stand by. */
  readonly name: string;
  readonly clock: Clock;
  /** Told of each entry from which an event can be read. */
  readonly onResult: (order: EffectOrder) => void;
}

/** Makes the topic and the watcher's place in it, before the first result: what was published earlier is seen by nobody. */
export async function prepareResultTopic(broker: Broker, topic: string): Promise<void> {
  await broker.createTopic(topic, 0);
  await broker.createSubscription(topic, SUBSCRIPTION);
}

export class ResultWatch {
  private readonly order = new ResultOrder();
  private consumer: Consumer | null = null;
  private isOver = false;

  constructor(private readonly options: ResultWatchOptions) {}

  /** Watches until `close`, through every outage of the broker. */
  start(): void {
    void this.watch();
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.consumer?.close();
  }

  /** What is watched has failed: nothing is counted any more, and nobody is asked for anything. */
  abandon(): void {
    this.isOver = true;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      try {
        await this.takeTurn();
      } catch (thrown) {
        /** The place is taken, or the broker is away: both pass. */
        if (!(thrown instanceof OrderlabError)) throw thrown;
      }
      if (!this.isOver) await this.options.clock.sleep(STAND_BY_MS);
    }
  }

  private async takeTurn(): Promise<void> {
    const { broker, topic, name: consumerName } = this.options;
    const consumer = await broker.subscribe({
      ...{ topic, subscription: SUBSCRIPTION, type: 'exclusive', consumerName },
      receiverQueueSize: RECEIVER_QUEUE_SIZE,
    });
    this.consumer = consumer;
    if (this.isOver) return consumer.close();
    for (let next = await consumer.receive(); next !== null; next = await consumer.receive()) {
      const { event } = decodeEvent(next.payload);
      if (event !== null) this.options.onResult(this.order.after(event.user, event.sequence));
      await consumer.ack(next.messageId);
    }
  }
}

/** Each user's last result. Memory: a number for each user, up to the limit. */
export class ResultOrder {
  private readonly last = new Map<string, number>();

  constructor(private readonly userCountMax = RESULT_USER_COUNT_MAX) {}

  /** The place of this result behind the one before of its user. The first one that is seen is in order whatever it is. */
  after(user: string, sequence: number): EffectOrder {
    const before = this.last.get(user) ?? sequence - 1;
    this.last.delete(user);
    this.last.set(user, sequence);
    if (this.last.size > this.userCountMax) {
      for (const silent of this.last.keys()) {
        this.last.delete(silent);
        break;
      }
    }
    return effectOrder(sequence, before);
  }
}
