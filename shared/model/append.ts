/**
 * Appends: what a writer asks of the event store, and what it answers. One call, all of it or none of it: sequence,
 * expected version, unique e-mail, request record and log entry. Specified as a pure function (simulator/event-store.ts),
 * which a Lua script must equal.
 */
import type { AppendAuthority, Authority } from './authority';
import type { UserEvent } from './event';

/**
 * What an append checks of the user's stream.
 * expected: its version is the one that the writer decided on. That is the compare-and-swap of a stream's tail, which
 * Pulsar does not offer.
 * blind: nothing; the event gets the next sequence, whatever the decision was based on (a lost update waits to happen).
 * unguarded: nothing, and the writer's own number stands, as when two producers publish to one topic (a fork).
 */
export const APPEND_GUARDS = ['expected', 'blind', 'unguarded'] as const;
export type AppendGuard = (typeof APPEND_GUARDS)[number];

/** The record of a client's request, written in the step that accepts it. */
export interface RequestRecord {
  /** Principal and idempotency key. */
  readonly key: string;
  /** Of the canonical command: the same key with another body is another request, and refused. */
  readonly fingerprint: string;
  /** Milliseconds until the record is pruned; null: never. */
  readonly ttlMs: number | null;
}

export interface Append {
  /** With the sequence that the writer counts on: `readVersion` + 1. */
  readonly event: UserEvent;
  /** The version of the user's stream that the decision was based on; 0: no event. */
  readonly readVersion: number;
  readonly guard: AppendGuard;
  /** The event's e-mail must be nobody else's, and is this user's from here on. */
  readonly uniqueEmail: boolean;
  /** null: requests leave no record. */
  readonly request: RequestRecord | null;
  /** The command that led to the event, for the history. */
  readonly commandId: string;
  /** The instance that appends, for the history. */
  readonly writer: string;
  /** For whom the writer acts. Default: for nobody, any instance may append. */
  readonly authority?: AppendAuthority;
}

export type AppendAnswer =
  /** It is in the log. The same append made again, after an answer was lost, finds itself there. */
  | { readonly outcome: 'appended'; readonly sequence: number }
  /** The request was accepted before, with this event: nothing was appended. */
  | { readonly outcome: 'replayed'; readonly eventId: string; readonly sequence: number }
  /** The request's key was used with another body. */
  | { readonly outcome: 'request-reused' }
  /** Others appended since the writer read; the stream's version now. */
  | { readonly outcome: 'version-conflict'; readonly version: number }
  /** Another user has the e-mail. */
  | { readonly outcome: 'email-taken'; readonly by: string }
  /** Another one acts for the shard since, or the store knows nothing of the grant; the shard's epoch now, 0: none. */
  | { readonly outcome: 'stale-epoch'; readonly epoch: number }
  /** The store may have gone back in time, and nobody has compared it with the log of the topic yet: it accepts nothing for a shard. */
  | { readonly outcome: 'unseeded' }
  /** As many entries as may wait for the relay do: OUTBOX_COUNT_MAX. */
  | { readonly outcome: 'outbox-full' };

/** What is kept of an accepted request. */
export interface AcceptedRequest {
  readonly fingerprint: string;
  readonly eventId: string;
  readonly sequence: number;
}

/** One entry of the event store's log. Its payload is the message that the relay publishes, byte for byte. */
export interface LoggedAppend {
  /** Place in the log of all users, from 1, without holes. */
  readonly position: number;
  readonly event: UserEvent;
  readonly readVersion: number;
  readonly commandId: string;
  readonly writer: string;
  /** Absent: the append showed none. */
  readonly authority?: Authority;
}

/** Entries that may wait for the relay. At it appends are refused: what nobody publishes must not grow for ever. */
export const OUTBOX_COUNT_MAX = 100_000;

/** The subscriber of the log that publishes it. */
export const RELAY = 'relay';

/** What an event does to the index of e-mails: claims one, or only gives the old one back, or nothing. */
export interface EmailChange {
  /** In lower case: an address that differs in case alone is the same. null: none. */
  readonly claimed: string | null;
  readonly releases: boolean;
}

export function emailChange(event: UserEvent): EmailChange {
  switch (event.type) {
    case 'UserCreated':
    case 'UserEmailChanged':
      return { claimed: event.data.email.toLowerCase(), releases: true };
    case 'UserDeleted':
      return { claimed: null, releases: true };
    default:
      return { claimed: null, releases: false };
  }
}
