/** Plans: workload + faults as data. A scenario expanded by a seed; the thing that is executed and replayed. */
import type { StoreOperationName, StoreOutcome } from './action';
import type { UserEventType } from './event';
import type { StrategyName } from './strategy';
import type { Topology } from './subscription';
import type { WriteSide } from './write-side';

/** What a run is judged against. order+once: X1–X6 and X18 are forbidden. once: X3, X4, X5 are counted. none: all measured. */
export const CLAIMS = ['order+once', 'once', 'none'] as const;
export type Claim = (typeof CLAIMS)[number];

/** One event of a listed workload, before sequences and ids are given. */
export interface ListedEvent {
  readonly user: string;
  readonly type: UserEventType;
  readonly data: Readonly<Record<string, string | number>>;
}

/** Where the events come from. */
export type Workload =
  /** A recorded stream: the name of a bundled trace, or a file's path. limit null: all of it. */
  | { readonly kind: 'trace'; readonly trace: string; readonly limit: number | null }
  /** Drawn from the seed. skew: `uniform`, `zipf:S` with exponent S, or `hot:P` where one user has the share P. */
  | { readonly kind: 'synthetic'; readonly users: number; readonly events: number; readonly skew: string }
  | { readonly kind: 'listed'; readonly events: readonly ListedEvent[] }
  /** Commands of clients, which writers turn into events. */
  | { readonly kind: 'commands'; readonly writeSide: WriteSide };

/**
 * The named points at which a consumer announces itself: before and after each action it performs, and around all of
 * its work on one delivery (`handle`; a delivery that was parked is handled again).
 */
export type PointName = 'receive' | 'handle' | StoreOperationName | 'ack' | 'nack' | 'publish' | 'read-log';
export type Point = `${'before' | 'after'}:${PointName}`;

/** An event of the plan, named by its place in its user's stream. */
export interface EventRef {
  readonly user: string;
  readonly sequence: number;
}

/** Conditions trigger faults, never a timer alone. All parts that are not null must hold. */
export interface Condition {
  /** Events applied by all consumers together, at least. */
  readonly appliedCountMin: number | null;
  /** Deliveries unacknowledged at the target, at least. */
  readonly unacknowledgedCountMin: number | null;
  /** The delivery at which the point is reached carries this event. */
  readonly event: EventRef | null;
}

/** Something injected. */
export type Fault =
  /** The consumer that reaches `at` while `when` holds dies there, once; replaced: a new incarnation joins after it. */
  | { readonly kind: 'crash'; readonly at: Point; readonly when: Condition; readonly replaced: boolean }
  /** A new consumer joins. */
  | { readonly kind: 'join'; readonly when: Condition }
  /** The youngest live consumer drains and leaves. */
  | { readonly kind: 'leave'; readonly when: Condition }
  /** The handler of this event fails `times` times before it succeeds. */
  | { readonly kind: 'handler-error'; readonly event: EventRef; readonly times: number }
  /** The consumer whose life is the longest drains and leaves (in a process: SIGTERM), and begins a new life. */
  | { readonly kind: 'restart'; readonly when: Condition }
  /**
   * A zombie: the consumer that reaches `at` with this event stands still there, once (SIGSTOP), and the broker takes it
   * for dead. When another one has dealt with the event it goes on where it stood (SIGCONT).
   */
  | { readonly kind: 'pause'; readonly at: Point; readonly event: EventRef }
  /** The broker gives the topic up and takes it again: everybody reconnects, what is unacknowledged comes again. */
  | { readonly kind: 'unload'; readonly when: Condition }
  /** The broker ends in order and starts again from its data. */
  | { readonly kind: 'broker-restart'; readonly when: Condition }
  /** The broker is killed (SIGKILL) and starts again from its data: acknowledgements that it had not persisted are lost. */
  | { readonly kind: 'broker-kill'; readonly when: Condition }
  /**
   * The store's server is killed (SIGKILL) and starts again from the first `keptShare` (0..1) of its append-only log.
   * 1: what a kill leaves, since the kernel has all that was written. 0: it starts empty. Between: a power cut took the
   * tail that was not on disk yet, as it may under everysec. appendFsync: how the server has written until then.
   */
  | {
      readonly kind: 'store-restart';
      readonly when: Condition;
      readonly appendFsync: 'always' | 'everysec';
      readonly keptShare: number;
    }
  /**
   * The next `times` answers with this outcome never reach their callers: the store has done its work, the connection
   * breaks, and who asked cannot know.
   */
  | {
      readonly kind: 'store-reply-lost';
      readonly when: Condition;
      readonly outcome: StoreOutcome;
      readonly times: number;
    };

/** Handlers held at the start of their work and let go in this order, each when its predecessor's result is out. */
export type Gates = readonly EventRef[];

/** Below these a run is unknown, never valid (H1). They belong to the plan and are printed with their values. */
export interface Floors {
  /** Consumers that each applied at least `consumerShareMin` of the events. */
  readonly consumerCountMin: number;
  /** Share of all applied events, 0..1. */
  readonly consumerShareMin: number;
  /** Users with at least two events. */
  readonly contendedUserCountMin: number;
  /** Every published event was delivered. */
  readonly everyEventDelivered: boolean;
  /** Events applied before each fault, and after it. */
  readonly appliedAroundFaultMin: number;
  /** Deliveries unacknowledged at the consumer that a crash struck. */
  readonly unacknowledgedAtCrashMin: number;
  /** Commands that were under way while another one on the same user was. */
  readonly racedCommandCountMin: number;
  /** Writers that died while somebody waited for their answer. */
  readonly writerDeathCountMin: number;
  /** Writers that stood still before an append. */
  readonly writerPauseCountMin: number;
  /** Relays that died with events of the outbox in hand. */
  readonly relayDeathCountMin: number;
  /** Shards that were granted to another owner. */
  readonly handoverCountMin: number;
  /** Redeliveries caused by a crash. */
  readonly redeliveriesPerCrashMin: number;
}

/** The context that projects: what it listens to and how a filtered event is numbered. */
export interface Context {
  /** null: every event type. */
  readonly listensTo: readonly UserEventType[] | null;
  readonly unlistened: 'advance' | 'ignore';
  /**
   * What makes two events one fact. event: their id. meaning: creations of one user that give the same name and e-mail are
   * one as well, until the user is deleted, whoever asked for each and whatever their ids; the model changes once.
   */
  readonly identity: 'event' | 'meaning';
}

/** Everything one run executes. No optional field. */
export interface Plan {
  /** Name of the scenario, or `ad-hoc`. */
  readonly scenario: string;
  readonly seed: string;
  readonly topology: Topology;
  readonly strategy: StrategyName;
  readonly idempotencyKeys: boolean;
  readonly markerTtlMs: number | null;
  readonly onFailure: 'park' | 'nack';
  readonly publishesResult: boolean;
  readonly audit: boolean;
  readonly context: Context;
  readonly workload: Workload;
  /** Sends in flight at the producer. 1: one by one. */
  readonly sendsInFlightMax: number;
  /** Events per second; null: as fast as possible; `trace` time divided by speedup. */
  readonly rate: { readonly perSecond: number } | { readonly traceSpeedup: number } | null;
  /**
   * One handler in `oneIn`, drawn from the seed, takes `ms` longer than the others, as handlers do: without it an
   * embedded world runs in lock step and shows less disorder than any real one. null: all are equally quick.
   */
  readonly slowHandlers: { readonly oneIn: number; readonly ms: number } | null;
  readonly faults: readonly Fault[];
  readonly gates: Gates;
  readonly claim: Claim;
  readonly floors: Floors;
}
