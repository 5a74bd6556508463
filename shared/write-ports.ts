/**
 * The seams of the write side, on a screen of its own: who only consumes never meets them. The rules of ports.ts hold
 * here as well: what rejects is an OrderlabError whose table entry says if the outcome is definite or unknown.
 */
import type { AcceptedRequest, Append, AppendAnswer, LoggedAppend } from './model/append';
import type { Grant, ShardOwner } from './model/authority';
import type { CommandReceipt, CommandRequest } from './model/command';
import type { StateBody } from './model/history';
import type { EventLog } from './ports';

/**
 * The write side's own log: a stream per user with a compare-and-swap on its tail, and one order over all of them.
 * `read` and `heads` (EventLog) show what was appended, published or not.
 */
export interface EventStore extends EventLog {
  /** One atomic step. A rejection with an unknown outcome may have taken effect; the same append again is safe. */
  append(append: Append): Promise<AppendAnswer>;
  /** What is known of a request; null: it was never accepted, or its record was pruned. */
  requestOf(key: string): Promise<AcceptedRequest | null>;
  /** Entries behind a position (0: from the first), in the order of their commits, at most `countMax`. */
  readAfter(position: number, countMax: number): Promise<readonly LoggedAppend[]>;
  /** How far a subscriber has come; 0: it never said. What RELAY has not reached counts as waiting. */
  cursorOf(subscriber: string): Promise<number>;
  /**
   * Never moves back, and never beyond the last entry: a subscriber that woke up late repeats what others did, and undoes nothing;
   * one that was told of entries which the store has lost since passes over none of those that come in their place.
   */
  moveCursor(subscriber: string, position: number): Promise<void>;
  /**
   * True: `owner` may do the subscriber's work for the next `ttlMs`. It spares work, no more: two that both believe
   * they hold it publish twice, in order, and consumers absorb that.
   */
  hold(subscriber: string, owner: string, ttlMs: number): Promise<boolean>;
  /**
   * Makes `owner` the one that acts for the shard, and gives the epoch that says so: one higher than that of the owner before,
   * whose appends are refused from the same step on. Whoever asks gets it; who should ask is `hold`'s affair, or Pulsar's. After
   * an unknown outcome ask again: an epoch that nobody uses does no harm. Rejects with STORE_UNSEEDED where the store guards its
   * incarnation and was not seeded in it.
   */
  grantEpoch(shard: string, owner: string): Promise<number>;
  /** Who acts for the shard; null: nobody was ever granted it, or nobody knows since the store is not seeded. */
  ownerOf(shard: string): Promise<ShardOwner | null>;
  /** The latest GRANT_COUNT_MAX grants of all shards, in the order in which they were made. */
  grants(): Promise<readonly Grant[]>;
  /**
   * The incarnation that has to be seeded: a server that restarted, was emptied or took over may have gone back in time, and would
   * give away sequences that are taken. null: it is seeded, or does not guard its incarnation.
   */
  unseeded(): Promise<string | null>;
  /** What the topic holds was appended where it was missing. Of an incarnation that is over it says nothing. */
  markSeeded(incarnation: string): Promise<void>;
  close(): Promise<void>;
}

/** An instance of the user service, as its clients know it. */
export interface CommandPort {
  /** Names the instance in the history. */
  readonly writer: string;
  /** Resolves when the command's event is committed; rejects as producers/user-service.ts says, or with the way there. */
  submit(request: CommandRequest): Promise<CommandReceipt>;
}

/** Reads with a promise. */
export interface QueryPort {
  /**
   * The user's state; null: no such user. With `atLeast` it is of that version or a later one, or the read rejects with
   * READ_BEHIND after `waitMs` (default: READ_DEADLINE_MS); without, it is what the read model holds now.
   */
  read(user: string, atLeast: number | null, waitMs?: number): Promise<StateBody | null>;
}

/** The read model, asked for one user. */
export interface ReadModel {
  /** null: no event of the user was applied yet. */
  stateOf(user: string): Promise<StateBody | null>;
}
