/** What the checker knows about one consumer incarnation, and about the deliveries in its hands. */
import type { OutageFault } from './outages';
import type { UserLedger } from './user-ledger';

/**
 * Why a message may come again. switch: the active consumer of a Failover subscription may have changed. pause: the
 * broker took its holder for dead. The faults of the broker: it has forgotten who holds what.
 */
export type ReturnCause = 'crash' | 'leave' | 'switch' | 'nack' | 'pause' | OutageFault;

/** One hand-over of a message, until it is acknowledged, negatively acknowledged, or its consumer dies. */
export interface Delivery {
  readonly user: UserLedger;
  /** null: no event can be read from the message. */
  readonly sequence: number | null;
  /** Its event had been delivered before, to anyone. */
  cameAgain: boolean;
  /** The store said that nothing is left to do: applied, absorbed, dropped or quarantined. */
  isFinal: boolean;
  isParked: boolean;
  wasParked: boolean;
}

/** An unacknowledged message with a readable event: who has it, and why it may come again. */
export interface Held {
  readonly messageId: string;
  readonly sequence: number;
  readonly holder: ConsumerLedger;
  readonly delivery: Delivery;
  cause: ReturnCause | null;
  /**
   * Counts as holding its user (D5): not given back, holder not gone, and no acknowledgement sent. Once one was sent
   * the broker may have it already and hand out the user's next message before the client hears of it.
   */
  isCounted: boolean;
  /** The first later sequence that was delivered elsewhere after the cause and before this message came again. */
  overtakenBy: number | null;
}

export class ConsumerLedger {
  readonly name: string;
  /** By message id. */
  readonly deliveries = new Map<string, Delivery>();
  readonly held = new Set<Held>();
  /**
   * crash and leave are final; switch and pause mean that the broker may have given its work to another consumer. One
   * that was paused goes on with what it had, also with what had reached it and was not taken: that is no replay.
   */
  cause: ReturnCause | null = null;
  deliveredCount = 0;
  /** Deliveries unacknowledged when it crashed or was paused. */
  unacknowledgedAtCrash = 0;
  /** Its messages that came again at another consumer. */
  takenOverCount = 0;

  constructor(name: string) {
    this.name = name;
  }

  get isGone(): boolean {
    return this.cause === 'crash' || this.cause === 'leave';
  }
}
