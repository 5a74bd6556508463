/**
 * Authority: who acts for a shard of the users, told by a number that rises. Leadership alone is a belief: who stood still
 * wakes up and still holds it. The number is compared where the work is written down, so that a belief that is over does
 * nothing. Kleppmann calls it a fencing token, Pulsar the epoch of an exclusive producer (PIP-68).
 */

/** What an owner shows for the shard that it acts for. */
export interface Authority {
  readonly shard: string;
  /** From 1; each grant of the shard is one higher than the one before. */
  readonly epoch: number;
}

/** What an append shows. */
export interface AppendAuthority extends Authority {
  /**
   * The append is refused unless this epoch is the shard's latest, and was granted to the append's writer. False: the epoch is
   * only written down, as in a service that trusts that it still leads.
   */
  readonly isChecked: boolean;
}

/** The owner of a shard. */
export interface ShardOwner {
  readonly epoch: number;
  /** The instance, one life of it: the next life of the same instance is another owner. */
  readonly owner: string;
}

/** A grant, as the store remembers it. */
export interface Grant extends Authority, ShardOwner {
  /** Entries that were in the log when it was made: what stands behind them was appended later. */
  readonly after: number;
}

/** Grants that the store remembers, the latest ones. They are read for the history; an append only meets the last of its shard. */
export const GRANT_COUNT_MAX = 10_000;
