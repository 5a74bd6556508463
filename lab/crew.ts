/** Crew: where consumers live. In this process (embedded, tests) or each in a process of its own (kill -9). */
import type { MeterName } from '../shared/model/metric';
import type { Encounter, Passage } from './fate';

/** One life of one consumer. */
export interface Member {
  readonly name: string;
  /** `c1#1`: consumer name and life. Every record of it carries this. */
  readonly id: string;
  /** Deliveries in hand and, of those, parked. */
  readonly load: { readonly inHandCount: number; readonly parkedCount: number };
  /** Asks it to receive nothing more; `leave` completes it. Idempotent. */
  askToDrain(): void;
  /** Resolves when it has drained and left, or its drain deadline passed. What it still holds goes to others. */
  leave(): Promise<void>;
  /** As kill -9; resolves when it is dead. */
  kill(): Promise<void>;
}

/** What a crew tells the supervisor. */
export interface Observer {
  meet(member: Member, encounter: Encounter): Passage;
  count(name: MeterName, amount: number): void;
  /** Told before anything of it reaches other consumers, so that the cause stands on record before its consequence. */
  leaves(member: Member): void;
  /** As `leaves`: nothing of it runs any more, and its connection is about to be seen gone. */
  died(member: Member): void;
  /** A defect: the run ends with it. */
  broke(thrown: unknown): void;
}

export interface Crew {
  /** Starts one life; resolves when it is subscribed and works. */
  start(name: string, id: string, observer: Observer): Promise<Member>;
  /** Events applied by all consumers together: those that cannot ask at every point hold conditions against it. */
  applied(count: number): void;
  /** The run is over, however it ended: nothing of the crew outlives it. */
  disband(): void;
}
