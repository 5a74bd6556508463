/** Relays of a run: for each share of the outbox one that works and others that stand by; some die where the plan says so. */
import { type OutboxShare, type RelayOptions, runRelay } from '../producers/relay';
import { shardOf } from '../producers/shard';
import type { RelayCrash, RelayPoint, RelaySettings } from '../shared/model/write-side';
import type { Broker } from '../shared/ports';
import { LazyProducer } from './lazy-producer';
import { NEVER } from './life';
import { lifecycleOf, type StopRequest } from './stop-request';

export interface RelaysOptions extends Omit<RelayOptions, 'producer' | 'producerName' | 'share' | 'reached' | 'stop'> {
  readonly settings: RelaySettings;
  readonly broker: Broker;
  readonly stop: StopRequest;
  /** Told before anybody can notice. */
  readonly onDeath: (relay: string) => void;
}

/** Pause between two lives, in milliseconds. */
const NEXT_LIFE_MS = 20;

/** Resolves when nothing of any share waits, once asked to stop. */
export async function runRelays(options: RelaysOptions): Promise<void> {
  const { settings } = options;
  const shares = sharesOf(settings);
  await Promise.all(shares.map((share, index) => new ShareRelays(options, share, index).run()));
}

function sharesOf({ shareCount, split, isNumbered }: RelaySettings): readonly OutboxShare[] {
  const subscribers = Array.from({ length: shareCount }, (_, index) => `relay/shard-${index + 1}`);
  return subscribers.map((subscriber) => ({
    ...{ subscriber, subscribers, isNumbered },
    has: ({ position, event: { user } }) =>
      subscriber === (split === 'by-user' ? `relay/${shardOf(user, shareCount)}` : subscribers[position % shareCount]),
  }));
}

/** A relay died, with the page up to this position in hand. */
interface Death {
  readonly position: number;
  readonly crash: RelayCrash;
}

class ShareRelays {
  private readonly arrivals = new Map<RelayPoint, number>();

  constructor(
    private readonly options: RelaysOptions,
    private readonly share: OutboxShare,
    private readonly index: number,
  ) {}

  async run(): Promise<void> {
    const { relayCount } = this.options.settings;
    await Promise.all(Array.from({ length: relayCount }, (_, index) => this.live(`${this.name}-${index + 1}`)));
  }

  private get name(): string {
    return this.share.subscriber.replace('relay/', 'relay-');
  }

  /**
   * Lives of one relay, one after the other. One that stands by ends when it is asked to, whatever waits: the share may still be
   * held in the name of one that is dead. So the next life begins, until nothing waits.
   */
  private async live(relay: string): Promise<void> {
    for (let lives = 1; ; lives += 1) {
      const death = await this.oneLife(`${relay}.${lives}`);
      if (death === null && (await this.isPublished())) return;
      await this.options.clock.sleep(NEXT_LIFE_MS);
      if (death !== null) await this.othersPass(death.position + death.crash.othersAheadCount);
    }
  }

  private async othersPass(position: number): Promise<void> {
    const { store, stop, clock } = this.options;
    const others = this.share.subscribers.filter((subscriber) => subscriber !== this.share.subscriber);
    for (;;) {
      const cursors = await Promise.all(others.map((subscriber) => store.cursorOf(subscriber)));
      if (stop.asked || cursors.every((cursor) => cursor >= position)) return;
      await clock.sleep(NEXT_LIFE_MS);
    }
  }

  private async isPublished(): Promise<boolean> {
    const { store } = this.options;
    return (await store.readAfter(await store.cursorOf(this.share.subscriber), 1)).length === 0;
  }

  /** It stands still where it dies, and it does one thing at a time: nothing of it runs on. */
  private async oneLife(producerName: string): Promise<Death | null> {
    const { settings: _, broker, stop, onDeath, ...work } = this.options;
    const { share } = this;
    /** At the broker all relays of a share that numbers its messages are one producer. */
    const brokerName = share.isNumbered ? this.name : producerName;
    const producer = new LazyProducer(() => broker.createProducer(work.topic, brokerName));
    return new Promise((resolve, reject) => {
      const reached = async (point: RelayPoint, position: number): Promise<void> => {
        const crash = this.crashAt(point);
        if (crash === null) return;
        onDeath(producerName);
        /** As the broker sees of a process that was killed. */
        await producer.close();
        resolve({ position, crash });
        await NEVER;
      };
      runRelay({ ...work, share, producer, producerName, reached, stop: lifecycleOf(stop) })
        .then(() => producer.close())
        .then(() => resolve(null), reject);
    });
  }

  private crashAt(point: RelayPoint): RelayCrash | null {
    const arrival = (this.arrivals.get(point) ?? 0) + 1;
    this.arrivals.set(point, arrival);
    const { crashes } = this.options.settings;
    const isMet = (crash: RelayCrash) => crash.share === this.index && crash.at === point && crash.arrival === arrival;
    return crashes.find(isMet) ?? null;
  }
}
