/** The plan of one run of the kit: everything that is executed, resolved. */
import type { SubscriptionType } from '../../shared/model/subscription';
import type { FaultRequest } from './fault';
import type { EventFactory } from './workload';

/** What `start` is told. A consumer that reads its settings elsewhere needs none of it. */
export interface Life {
  /** `c1`, `c2`, …: the consumer; it keeps its name when it is started again. */
  readonly name: string;
  /** From 1; the second one is started after the first was killed. */
  readonly incarnation: number;
  /** The full name with a real broker, as the test wrote it with the drop-in. */
  readonly topic: string;
  /** null: the drop-in leaves it to the consumer. */
  readonly subscription: string | null;
  /** The broker's address: that of a real one, or any for the drop-in. */
  readonly brokerUrl: string;
}

/** How the end state is read and what it should be. */
export interface Effects<Event> {
  /** The user's state as the consumer left it: what `redis.hgetall` gives, for example. */
  read(user: string): unknown;
  /** The state after one more event; `undefined` before the first. Pure. */
  fold(state: never, event: Event): unknown;
}

export interface TrialPlan<Event> {
  readonly seed: string;
  readonly topic: string;
  readonly consumers: number;
  readonly users: number;
  readonly eventsPerUser: number;
  readonly partitions: number;
  readonly makeEvent: EventFactory<Event> | null;
  readonly trace: string | null;
  readonly faults: readonly FaultRequest[];
  /** Places of the faults in the test's own list: shrinking leaves some out. */
  readonly faultNumbers: readonly number[];
  readonly subscriptionType: SubscriptionType | null;
  readonly start: (life: Life) => unknown;
  readonly effects: Effects<Event> | null;
  readonly journal: ((user: string) => unknown) | null;
  readonly deadlineMs: number;
}
