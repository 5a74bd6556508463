/**
 * History: everything recorded in one run, as records in streams. docs/results.md describes the files.
 *
 * Every process incarnation writes its own file, one record a line, before the action the record describes, so that a
 * kill -9 loses nothing that mattered. `n` counts the records of one recorder from 1: a hole is recorder loss (H3).
 */
import type { ParkReason, StoreOperationName, StoreOutcome } from './action';
import type { Authority, Grant } from './authority';
import type { CommandType } from './command';
import type { UserEvent, UserEventType, UserFields } from './event';
import type { Guarantees } from './guarantee';
import type { Claim, Context, Fault, Floors, Point } from './plan';
import type { StrategyName } from './strategy';
import type { Topology } from './subscription';

/** Bumped when a reader of older histories would misread newer ones. */
export const HISTORY_FORMAT = 1;

/** First record of the supervisor's file: what was run and what it is judged against. */
export interface HeaderBody {
  readonly stream: 'Run';
  readonly type: 'header';
  readonly format: typeof HISTORY_FORMAT;
  readonly scenario: string;
  readonly seed: string;
  readonly planHash: string;
  readonly topic: string;
  readonly resultTopic: string | null;
  readonly topology: Topology;
  /** foreign: a consumer that is not ours, seen from outside. */
  readonly strategy: StrategyName | 'foreign';
  readonly claim: Claim;
  readonly guarantees: Guarantees;
  readonly floors: Floors;
  readonly context: Context;
  /** Idempotency keys are written for every applied event. */
  readonly idempotencyKeys: boolean;
  /** Effects are journalled inside the store step. False (--audit off): the effect classes are not-applicable. */
  readonly audit: boolean;
  /**
   * What a confirmed acknowledgement says. counted: the broker counts it. sent: it is on its way, as real clients group
   * acknowledgements and get no answer; until it arrives a change of owners brings the message back, acknowledged or not.
   */
  readonly acknowledgements: 'counted' | 'sent';
  /** counter: `order` is one number line shared by all recorders. clock: milliseconds, good to `clockErrorMs`. */
  readonly orderedBy: 'counter' | 'clock';
  readonly clockErrorMs: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Faults are off and nothing moves any more; Log, State and Markers follow. */
export interface QuiescenceBody {
  readonly stream: 'Run';
  readonly type: 'quiescence';
  /** drained: no backlog. stuck: only parked deliveries are left and nothing can move them. deadline: gave up waiting. */
  readonly state: 'drained' | 'stuck' | 'deadline';
  readonly backlog: number;
  readonly parked: number;
}

/** Last record of a recorder that ended in order. A file without one belongs to a process that died (see Cause crash). */
export interface EndBody {
  readonly stream: 'Run';
  readonly type: 'end';
}

export type PubBody =
  | {
      readonly stream: 'Pub';
      readonly type: 'invoke';
      readonly producer: string;
      readonly topic: string;
      readonly eventId: string;
      readonly user: string;
      readonly sequence: number;
    }
  | {
      readonly stream: 'Pub';
      readonly type: 'return';
      readonly producer: string;
      readonly topic: string;
      readonly eventId: string;
      readonly user: string;
      readonly sequence: number;
      /** info: unknown, the event may or may not be stored. */
      readonly outcome: 'ok' | 'fail' | 'info';
      readonly messageId: string | null;
    };

interface CmdBase {
  readonly stream: 'Cmd';
  /** The client; its steps follow each other. */
  readonly session: string;
  /** Id of the command: every attempt carries the same. */
  readonly command: string;
  readonly user: string;
  /** The instance that was asked. */
  readonly writer: string;
  readonly expectedVersion: number | null;
}

/** An attempt of a client to get a command accepted. Written by the client. */
export type CmdBody =
  | (CmdBase & { readonly type: 'invoke'; readonly operation: CommandType })
  | (CmdBase & {
      readonly type: 'return';
      /** unknown: no answer came, or one that says so. */
      readonly outcome: 'accepted' | 'refused' | 'unknown';
      /** Why it was refused or is unknown: a code of the error table. */
      readonly code: string | null;
      /** Accepted: the command's event. Refused: the event that is in its way, where the answer names one. */
      readonly eventId: string | null;
      readonly sequence: number | null;
      /** Accepted before: this is the answer that was given then. */
      readonly replayed: boolean;
    });

/** One entry of the event store's log, read back after quiescence. The truth for what was decided. */
export interface AppBody {
  readonly stream: 'App';
  readonly type: 'entry';
  readonly position: number;
  readonly user: string;
  readonly sequence: number;
  readonly eventId: string;
  readonly event: UserEventType;
  /** The e-mail that the event gives to its user; null: none. */
  readonly email: string | null;
  /** The version that the decision was based on. */
  readonly readVersion: number;
  readonly command: string;
  readonly writer: string;
  /** For whom the writer acted; absent: for nobody. */
  readonly authority?: Authority;
}

/** A shard was granted to an owner. It stands among the entries where it was made. */
export interface GrantBody extends Grant {
  readonly stream: 'App';
  readonly type: 'grant';
}

/** A read of the read model by a session. */
export interface ObsBody {
  readonly stream: 'Obs';
  readonly type: 'read';
  readonly session: string;
  readonly user: string;
  /** What it saw; 0: no such user. */
  readonly version: number;
  /** The version that it asked for at least; null: it did not say. */
  readonly atLeast: number | null;
}

/** One broker entry, read back by an independent reader after quiescence. The truth for order. */
export interface LogBody {
  readonly stream: 'Log';
  readonly type: 'entry';
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly messageId: string;
  readonly key: string;
  /** null: no event can be read from it; `reason` says why. */
  readonly event: UserEvent | null;
  readonly digest: number;
  readonly reason: string | null;
}

interface DelBase {
  readonly stream: 'Del';
  /** The consumer incarnation: consumer name and life, `c1#1`. */
  readonly consumer: string;
  readonly messageId: string;
  readonly user: string;
  /** null: quarantined, no event can be read from it. */
  readonly sequence: number | null;
}

export type DelBody =
  | (DelBase & {
      readonly type: 'received';
      readonly topic: string;
      readonly partition: number;
      readonly redeliveryCount: number;
      readonly eventId: string | null;
      readonly digest: number;
    })
  | (DelBase & {
      readonly type: 'answered';
      readonly operation: StoreOperationName;
      readonly outcome: StoreOutcome;
      readonly version: number | null;
      readonly markerPresent: boolean | null;
    })
  | (DelBase & {
      readonly type: 'failed';
      readonly operation: string;
      readonly definite: boolean;
      readonly code: string;
    })
  | (DelBase & { readonly type: 'parked'; readonly reason: ParkReason })
  | (DelBase & { readonly type: 'unparked'; readonly because: 'predecessor-applied' | 'deadline' })
  | (DelBase & { readonly type: 'quarantined'; readonly reason: string })
  /** Written before the acknowledgement is sent. */
  | (DelBase & { readonly type: 'ack-intended' })
  /** Written when the client says it is acknowledged. */
  | (DelBase & { readonly type: 'ack-confirmed' })
  | (DelBase & { readonly type: 'nack-intended' });

/** Written by the store in the same step as the change it describes; store order per user is exact. */
export type EffBody =
  | {
      readonly stream: 'Eff';
      readonly type: 'effect';
      readonly user: string;
      readonly eventId: string;
      readonly sequence: number;
      readonly versionBefore: number;
      readonly versionAfter: number;
      /** False: an event this context does not listen to moved the version only. */
      readonly changedModel: boolean;
      readonly owner: string;
      readonly digest: number;
      readonly chain: number;
    }
  /** `open`: owners whose handlers of this user had begun and not ended, this one left out. */
  | {
      readonly stream: 'Eff';
      readonly type: 'begin';
      readonly user: string;
      readonly owner: string;
      readonly open: readonly string[];
    }
  | { readonly stream: 'Eff'; readonly type: 'end'; readonly user: string; readonly owner: string }
  /**
   * The store went back in time and has forgotten some of the user. What stands before no longer counts; the next
   * `heldCount` records of the user's Eff stream say again what the store still holds.
   */
  | { readonly stream: 'Eff'; readonly type: 'rollback'; readonly user: string; readonly heldCount: number };

/** End state of one user's record. */
export interface StateBody {
  readonly stream: 'State';
  readonly type: 'user';
  readonly user: string;
  readonly fields: UserFields;
  readonly version: number;
  readonly lastEventId: string | null;
  readonly chain: number;
}

/** A message kept aside, with its reason. */
export interface QuarantineBody {
  readonly stream: 'State';
  readonly type: 'quarantined';
  readonly user: string;
  readonly messageId: string;
  readonly reason: string;
}

/** End state of the idempotency store: one key. */
export interface MarkerBody {
  readonly stream: 'Markers';
  readonly type: 'marker';
  readonly user: string;
  readonly eventId: string;
  readonly sequence: number;
  readonly expiresAtMs: number | null;
}

/** What verdicts need to know about causes. Written by the supervisor; a crash is written when nothing of the process runs any more, before others can notice. */
export type CauseBody =
  | { readonly stream: 'Cause'; readonly type: 'join'; readonly consumer: string }
  | { readonly stream: 'Cause'; readonly type: 'leave'; readonly consumer: string }
  | { readonly stream: 'Cause'; readonly type: 'crash'; readonly consumer: string };

/**
 * A head audit is over. `generation`: the store's when it began; above 1 the store has restarted, another server
 * answers, or it was emptied. `outOfStepCount` users of the read model did not stand where the log does; `repairedCount`
 * events of the log were missing there, and were applied.
 */
export interface AuditBody {
  readonly stream: 'Run';
  readonly type: 'audit';
  readonly generation: number;
  readonly userCount: number;
  readonly outOfStepCount: number;
  readonly repairedCount: number;
}

/** A fault struck, with the event and the consumer that it met. */
export interface StruckBody {
  readonly stream: 'Fault';
  readonly type: 'struck';
  /** writer-crash: `consumer` names an instance of the user service; `user` is whose command it had taken from a topic. relay-crash: a relay. */
  readonly fault: Fault['kind'] | 'writer-crash' | 'writer-pause' | 'relay-crash';
  readonly at: Point | null;
  readonly consumer: string | null;
  readonly user: string | null;
  readonly sequence: number | null;
}

/**
 * Where a fault of the broker is orderly, what it must keep: per partition the position up to which everything was
 * acknowledged just before, as a message id. An orderly end persists it (pulsar-semantics 4.1); a kill may not.
 */
export interface KeptBody {
  readonly stream: 'Fault';
  readonly type: 'kept';
  readonly fault: Fault['kind'];
  readonly positions: readonly string[];
}

/** A fault that takes time is over: the consumer goes on, or the broker serves and every consumer is connected again. */
export interface EndedBody {
  readonly stream: 'Fault';
  readonly type: 'ended';
  readonly fault: Fault['kind'];
  readonly consumer: string | null;
}

/** A fault of the plan that had not struck when the run came to rest: its condition was not met. One record for each strike that is missing. */
export interface MissedBody {
  readonly stream: 'Fault';
  readonly type: 'missed';
  readonly fault: Fault['kind'];
  readonly at: Point | null;
}

export type FaultBody = StruckBody | KeptBody | EndedBody | MissedBody;

export type HistoryBody =
  | HeaderBody
  | QuiescenceBody
  | AuditBody
  | EndBody
  | PubBody
  | CmdBody
  | AppBody
  | GrantBody
  | ObsBody
  | LogBody
  | DelBody
  | EffBody
  | StateBody
  | QuarantineBody
  | MarkerBody
  | CauseBody
  | FaultBody;

/** What a recorder adds to every body. */
export interface Stamp {
  /** The recorder: `supervisor`, `producer`, `c1#1`, `store`, `log`. */
  readonly recorder: string;
  /** The recorder's own counter, from 1, without holes. */
  readonly n: number;
  /** Place in the run's order; see the header's `orderedBy`. */
  readonly order: number;
}

export type HistoryRecord = HistoryBody & Stamp;
