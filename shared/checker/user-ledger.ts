/** What the checker knows about one user: sets of sequences, and the messages in flight. */
import type { ConsumerLedger, Held, ReturnCause } from './consumer-ledger';
import { IntervalSet } from './interval-set';

const NOBODY: readonly ConsumerLedger[] = [];

export class UserLedger {
  readonly name: string;

  /** Answered ok by the broker. */
  readonly published = new IntervalSet();
  readonly delivered = new IntervalSet();
  /** With an effect: journalled by the store, or answered `applied` where the journal is off. */
  applied = new IntervalSet();
  /** Had an effect that the store has forgotten since, whether or not it was applied again. */
  readonly forgotten = new IntervalSet();
  /** Effect records to come that say again what the store still holds after it went back in time. */
  heldToComeCount = 0;
  readonly logged = new IntervalSet();
  readonly marked = new IntervalSet();
  /** Skipped for an idempotency key while no effect existed. */
  readonly skipped = new IntervalSet();
  /** Dropped by a guard as older than the state while no effect existed. */
  readonly dropped = new IntervalSet();
  /** Acknowledged before any final answer of the store. */
  readonly acknowledgedEarly = new IntervalSet();
  readonly quarantined = new IntervalSet();
  /** Logged, and of a type that the context does not listen to. */
  readonly unlistened = new IntervalSet();

  /** Messages without a readable event: in the log, and quarantined by a consumer. */
  unreadableLoggedCount = 0;
  readonly unreadableQuarantined = new Set<string>();

  /** An event stands twice in the log (W4), or not in the order of sequences (W8): sequences are no positions here. */
  isPublishedTwice = false;
  isOutOfSequence = false;

  /** By message id, of what was acknowledged after an outage of the broker: how many outages were over then. */
  readonly acknowledgedAfter = new Map<string, number>();

  /**
   * By message id, of what was acknowledged after it had a cause to come again: that cause. The broker may have handed
   * it to another consumer before, in whose queue no acknowledgement reaches it.
   */
  readonly sentAgain = new Map<string, ReturnCause>();

  /** Unacknowledged messages by message id. */
  readonly held = new Map<string, Held>();
  /** Those of `held` that have a cause to come again and were not overtaken yet. */
  awaited: readonly Held[] = [];
  /** How many messages each live consumer holds for this user; absent means none. */
  readonly holders = new Map<ConsumerLedger, number>();

  /** The delivery of the highest sequence so far: message, consumer and place in the run's order. */
  highestMessageId: string | null = null;
  highestConsumer: ConsumerLedger | null = null;
  highestOrder = 0;
  /** Where the latest acknowledgement was confirmed. */
  acknowledgedOrder = Number.NEGATIVE_INFINITY;

  constructor(name: string) {
    this.name = name;
  }

  /** Puts a message into a consumer's hands; whoever had it before has it no longer. */
  hold(held: Held): void {
    this.release(held.messageId);
    this.held.set(held.messageId, held);
    held.holder.held.add(held);
    if (held.cause !== null) this.awaited = [...this.awaited, held];
    if (held.isCounted) this.holders.set(held.holder, (this.holders.get(held.holder) ?? 0) + 1);
  }

  /** Forgets a message: acknowledged, or about to be held by another consumer. */
  release(messageId: string): void {
    const held = this.held.get(messageId);
    if (held === undefined) return;
    this.uncount(held);
    this.held.delete(messageId);
    held.holder.held.delete(held);
    this.#stopAwaiting(held);
  }

  /** The broker has the acknowledgement. */
  acknowledge(messageId: string): void {
    const cause = this.held.get(messageId)?.cause ?? null;
    if (cause !== null) this.sentAgain.set(messageId, cause);
    this.release(messageId);
  }

  /** Why a message that was acknowledged may still arrive; once. */
  takeSentAgain(messageId: string): ReturnCause | null {
    const cause = this.sentAgain.get(messageId) ?? null;
    this.sentAgain.delete(messageId);
    return cause;
  }

  /** The message may come again from here on. */
  mayReturn(held: Held, cause: NonNullable<Held['cause']>): void {
    if (cause !== 'switch') this.uncount(held);
    /** What was negatively acknowledged keeps its waiver of order, whatever happens to its holder then. */
    if (held.cause === 'nack') return;
    if (held.cause === null) this.awaited = [...this.awaited, held];
    held.cause = cause;
  }

  /** Consumers that count as holding the user, `consumer` left out. */
  holdersBeside(consumer: ConsumerLedger): readonly ConsumerLedger[] {
    if (this.holders.size === 0 || (this.holders.size === 1 && this.holders.has(consumer))) return NOBODY;
    return [...this.holders.keys()].filter((holder) => holder !== consumer);
  }

  /** The holder no longer counts as holding the user through this message. */
  uncount(held: Held): void {
    if (!held.isCounted) return;
    held.isCounted = false;
    const count = (this.holders.get(held.holder) ?? 0) - 1;
    if (count > 0) this.holders.set(held.holder, count);
    else this.holders.delete(held.holder);
  }

  /**
   * A later sequence reaches `receiver` while earlier messages are awaited: those are overtaken. A consumer that goes
   * on with its own queue after it lost the user overtakes nothing, unless it gave the message back itself.
   */
  overtake(sequence: number, receiver: ConsumerLedger): readonly Held[] {
    if (this.awaited.length === 0) return this.awaited;
    const overtaken = this.awaited.filter(
      (held) => held.sequence < sequence && (held.cause === 'nack' || held.holder !== receiver),
    );
    for (const held of overtaken) {
      held.overtakenBy = sequence;
      this.#stopAwaiting(held);
    }
    return overtaken;
  }

  /** The store went back in time: what it still holds is about to be said again. Answers how many effects that voids. */
  rollBack(heldCount: number): number {
    const voided = this.applied;
    for (const [start, end] of voided.runs())
      for (let sequence = start; sequence <= end; sequence += 1) this.forgotten.add(sequence);
    this.applied = new IntervalSet();
    this.heldToComeCount = heldCount;
    return voided.size;
  }

  #stopAwaiting(held: Held): void {
    if (this.awaited.length > 0) this.awaited = this.awaited.filter((other) => other !== held);
  }
}
