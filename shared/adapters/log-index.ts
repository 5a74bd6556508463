/**
 * Log index: a user's own history, read beside the subscription.
 *
 * Pulsar has no read by key, so an independent reader fills an index of what each user has in the log. It catches up
 * when it is asked for something that it does not hold, so a repair never misses what was stored before it asked.
 */
import type { LoggedEvent } from '../model/action';
import type { Broker, EventLog } from '../ports';
import { decodeEvent } from '../wire';

/** An index over one topic. Memory: every event of the topic, until the log is read by position (a real broker's task). */
export function openLogIndex(broker: Broker, topic: string): EventLog {
  const users = new Map<string, Map<number, LoggedEvent>>();
  /** Last position read, by partition. */
  const tail = new Map<number, number>();
  let catchingUp: Promise<void> | null = null;

  const readOn = async (): Promise<void> => {
    for await (const entry of broker.readLog(topic, tail)) {
      tail.set(entry.partition, entry.position);
      const { event, digest } = decodeEvent(entry.payload);
      if (event === null) continue;
      const events = users.get(event.user) ?? new Map<number, LoggedEvent>();
      users.set(event.user, events);
      /** The first of two entries with one sequence wins, as it does in the store. */
      if (!events.has(event.sequence)) events.set(event.sequence, { event, digest });
    }
  };

  const catchUp = (): Promise<void> => {
    catchingUp ??= readOn().finally(() => {
      catchingUp = null;
    });
    return catchingUp;
  };

  const held = (user: string, fromSequence: number, toSequence: number): readonly LoggedEvent[] => {
    const events = users.get(user);
    const found: LoggedEvent[] = [];
    for (let sequence = fromSequence; sequence <= toSequence; sequence += 1) {
      const logged = events?.get(sequence);
      if (logged !== undefined) found.push(logged);
    }
    return found;
  };

  return {
    read: async (user, fromSequence, toSequence) => {
      const known = held(user, fromSequence, toSequence);
      if (known.length === toSequence - fromSequence + 1) return known;
      await catchUp();
      return held(user, fromSequence, toSequence);
    },
  };
}
