/** Projectors over one topic and one store, one after the other: events are published, projected, and lost on purpose. */
import { startProjector } from '../../consumers/projector';
import { STRATEGIES } from '../../consumers/strategies/index';
import { Life, mortal, NEVER } from '../../lab/life';
import { openCountingMeter } from '../../shared/adapters/counting-meter';
import { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { openEmbeddedStore } from '../../shared/adapters/embedded-store';
import { openLogIndex } from '../../shared/adapters/log-index';
import { systemClock } from '../../shared/adapters/system-clock';
import type { UserEvent } from '../../shared/model/event';
import type { HistoryBody } from '../../shared/model/history';
import type { EventRef, Point } from '../../shared/model/plan';
import type { StrategyName } from '../../shared/model/strategy';
import type { Broker, Consumer, Lifecycle, Store } from '../../shared/ports';
import { decodeEvent, digestOf, encodeEvent } from '../../shared/wire';
import { SETTINGS } from './stage';
import { until } from './until';

const SUBSCRIPTION = 'projector';
let openedCount = 0;

/** A broker whose connections a test can cut. */
export interface CutBroker extends Broker {
  severConsumer(consumer: Consumer): void;
}

export interface Projection {
  readonly strategy: StrategyName;
  /** Where the consumer dies, once; a successor does what is left. */
  readonly dies?: { readonly at: Point; readonly event: EventRef };
}

export class ProjectorBench {
  private constructor(
    readonly broker: CutBroker,
    readonly store: Store,
    readonly topic: string,
    /** What the embedded store journalled. */
    readonly effects: readonly HistoryBody[],
  ) {}

  /** A topic that holds nothing; by default in a broker of its own, beside an embedded store. */
  static async open(
    broker: CutBroker = openEmbeddedBroker({ clock: systemClock }),
    ownStore: Store | null = null,
  ): Promise<ProjectorBench> {
    openedCount += 1;
    const effects: HistoryBody[] = [];
    const journal = { record: (body: HistoryBody) => void effects.push(body) };
    const store = ownStore ?? openEmbeddedStore({ clock: systemClock, journal });
    const topic = `users-${process.pid}-${openedCount}`;
    await broker.createTopic(topic, 0);
    await broker.createSubscription(topic, SUBSCRIPTION);
    return new ProjectorBench(broker, store, topic, effects);
  }

  /** The producer has gone when it resolves. */
  async publish(events: readonly UserEvent[]): Promise<void> {
    const producer = await this.broker.createProducer(this.topic, 'producer');
    for (const event of events) {
      await producer.send({ key: event.user, payload: encodeEvent(event), properties: {} });
    }
    await producer.close();
  }

  async backlog(broker: Broker = this.broker): Promise<number> {
    return (await broker.stats(this.topic, SUBSCRIPTION)).backlog;
  }

  subscribe(consumerName: string, broker: Broker = this.broker): Promise<Consumer> {
    const { topic } = this;
    return broker.subscribe({
      ...{ topic, subscription: SUBSCRIPTION, type: 'key-shared', consumerName, receiverQueueSize: 10 },
    });
  }

  /** Until nothing is left to deliver. One delivery is in hand at a time, so that a death loses what it says and no more. */
  async project({ strategy, dies }: Projection, broker: CutBroker = this.broker): Promise<void> {
    const life = new Life();
    const consumer = await this.subscribe('c1', broker);
    const reached: Lifecycle['reached'] = (point, { user, sequence }) => {
      if (point !== dies?.at || user !== dies.event.user || sequence !== dies.event.sequence) return 'go';
      life.end();
      broker.severConsumer(consumer);
      return NEVER;
    };
    const { store } = this;
    const projector = startProjector({
      ...{ strategy: STRATEGIES[strategy], settings: { ...SETTINGS, gapDeadlineMs: 1 }, meter: openCountingMeter() },
      ...{
        context: { listensTo: null, unlistened: 'advance', identity: 'event' },
        unackedCountMax: 1,
        witnessesOverlap: false,
      },
      ports: mortal(
        {
          ...{
            clock: systemClock,
            store,
            consumer,
            recorder: { record: () => {}, written: () => null },
            results: null,
          },
          eventLog: openLogIndex(broker, this.topic),
          lifecycle: { reached, stopping: false, whenStopping: NEVER },
        },
        life,
      ),
    });
    const isDone = async () =>
      !life.isAlive || (projector.load.inHandCount === 0 && (await this.backlog(broker)) === 0);
    await until(`the end of the backlog of ${this.topic}`, isDone);
    if (life.isAlive) await consumer.close();
    else await this.project({ strategy }, broker);
  }

  /** A consumer takes everything, acknowledges these of every user without any effect, and leaves the others to the next one. */
  async acknowledgeUnapplied(sequences: readonly number[]): Promise<void> {
    const taken = await this.backlog();
    const consumer = await this.subscribe('c0');
    let left = taken;
    for (let count = 0; count < taken; count += 1) {
      const delivery = await consumer.receive();
      const { event } = decodeEvent(delivery?.payload ?? new Uint8Array());
      if (delivery === null || event === null || !sequences.includes(event.sequence)) continue;
      await consumer.ack(delivery.messageId);
      left -= 1;
    }
    await consumer.close();
    await until('the acknowledgements', async () => (await this.backlog()) === left);
  }

  /** As a consumer of another world would: no delivery belongs to it. */
  async applyUnseen(event: UserEvent): Promise<void> {
    const digest = digestOf(encodeEvent(event));
    const marker = { setsMarker: false, markerTtlMs: null };
    await this.store.execute({
      ...{ name: 'apply', event, digest, guard: 'none', ...marker, changesModel: true, owner: 'another' },
    });
  }
}
