/**
 * Log index: a user's own history, read beside the subscription.
 *
 * Pulsar has no read by key, so an independent reader fills an index of what each user has in the log. It catches up
 * when it is asked for something that it does not hold, so a repair never misses what was stored before it asked; an
 * index that starts empty therefore repairs as well as one that has followed the topic from its first message.
 */
import { OrderlabError } from '../errors';
import type { LoggedEvent } from '../model/action';
import type { Broker, EventLog } from '../ports';
import { decodeEvent } from '../wire';

/**
 * Events that one index holds, about 400 bytes each, so 0.8 GB; at it reading ends with LIMIT_REACHED. It holds whole
 * events, and not their places alone: a broker reads on from where it was cheaply, and goes back by reading from the
 * earliest again, so that every repair would cost as much as the whole log.
 */
export const LOG_INDEX_EVENT_COUNT_MAX = 2_000_000;

/** What the log holds of one user. */
interface UserLog {
  readonly events: Map<number, LoggedEvent>;
  /** The highest sequence. */
  head: number;
}

/** An index over one topic. Nothing is read before it is asked. */
export function openLogIndex(broker: Broker, topic: string): EventLog {
  return new LogIndex(broker, topic);
}

class LogIndex implements EventLog {
  private readonly users = new Map<string, UserLog>();
  /** Last position read, by partition. */
  private readonly tail = new Map<number, number>();
  private eventCount = 0;
  private reading: Promise<void> = Promise.resolve();
  private nextReading: Promise<void> | null = null;

  constructor(
    private readonly broker: Broker,
    private readonly topic: string,
  ) {}

  async read(user: string, fromSequence: number, toSequence: number): Promise<readonly LoggedEvent[]> {
    const known = this.held(user, fromSequence, toSequence);
    if (known.length === toSequence - fromSequence + 1) return known;
    await this.catchUp();
    return this.held(user, fromSequence, toSequence);
  }

  async *heads() {
    await this.catchUp();
    yield* [...this.users].map(([user, { head: sequence }]) => ({ user, sequence }));
  }

  /** A reading that is under way may have looked up its tail too early for this caller: the one after it counts. */
  private catchUp(): Promise<void> {
    this.nextReading ??= this.reading
      .catch(() => {})
      .then(() => {
        this.nextReading = null;
        this.reading = this.readOn();
        return this.reading;
      });
    return this.nextReading;
  }

  private async readOn(): Promise<void> {
    for await (const { partition, position, payload } of this.broker.readLog(this.topic, this.tail)) {
      const { event, digest } = decodeEvent(payload);
      if (event !== null) this.keep({ event, digest });
      this.tail.set(partition, position);
    }
  }

  /** The first of two entries with one sequence wins, as it does in the store. */
  private keep(logged: LoggedEvent): void {
    const { user, sequence } = logged.event;
    const log = this.users.get(user) ?? { events: new Map<number, LoggedEvent>(), head: 0 };
    if (log.events.has(sequence)) return;
    if (this.eventCount >= LOG_INDEX_EVENT_COUNT_MAX) {
      const limit = { limit: 'LOG_INDEX_EVENT_COUNT_MAX', value: LOG_INDEX_EVENT_COUNT_MAX };
      throw new OrderlabError('LIMIT_REACHED', { what: `the index of topic ${this.topic}`, ...limit });
    }
    this.users.set(user, log);
    log.events.set(sequence, logged);
    log.head = Math.max(log.head, sequence);
    this.eventCount += 1;
  }

  private held(user: string, fromSequence: number, toSequence: number): readonly LoggedEvent[] {
    const events = this.users.get(user)?.events;
    const found: LoggedEvent[] = [];
    for (let sequence = fromSequence; sequence <= toSequence; sequence += 1) {
      const logged = events?.get(sequence);
      if (logged !== undefined) found.push(logged);
    }
    return found;
  }
}
