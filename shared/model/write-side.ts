/** The write side of a plan: who decides and appends, how, and what clients send to them. */
import type { AppendGuard } from './append';
import type { UserCommand } from './command';

/** How a writer makes known what it decided. */
export const PUBLISHING = ['outbox', 'store-then-publish', 'publish-then-store'] as const;
/**
 * outbox: the append is all; a relay publishes the log. The other two write to store and topic one after the other, so
 * that a crash between leaves one without the other (a dual write).
 */
export type Publishing = (typeof PUBLISHING)[number];

/** What an instance of the user service does with a command. */
export interface WriterSettings {
  readonly guard: AppendGuard;
  /** An e-mail belongs to one user at a time. */
  readonly uniqueEmails: boolean;
  /** Accepted requests are recorded under their idempotency key, in the step that appends. False: a retry is a new command. */
  readonly recordsRequests: boolean;
  /** Milliseconds until such a record is pruned; null: never. */
  readonly requestTtlMs: number | null;
  /** A command that asks for what is the case already is answered as accepted, without an event. */
  readonly absorbsSameMeaning: boolean;
  readonly publishing: Publishing;
  /**
   * How often a writer that publishes itself sends each event, under one sequenceId, as a client does that did not hear the
   * first answer. From 1.
   */
  readonly sendsOfEach: number;
  /**
   * Milliseconds between a decision and its append, as in a service that asks somebody else in between. Others may append
   * meanwhile; that is harmless exactly where the append compares versions.
   */
  readonly deliberationMs: number;
}

/** The named points of a writer's work on one command. */
export type WriterPoint = 'before:append' | 'after:append' | 'before:publish' | 'after:publish';

/**
 * A writer that dies, as by kill -9, when it reaches a point for the `arrival`-th time (from 1) in its life. The second crash
 * of a writer is that of its second life.
 */
export interface WriterCrash {
  /** From 0. */
  readonly writer: number;
  readonly at: WriterPoint;
  readonly arrival: number;
  /** Another life follows. False: nobody answers there any more. */
  readonly replaced: boolean;
}

/** One command of a client. */
export interface ClientCommand {
  /** Names the command in the history. Two of one meaning have two. */
  readonly commandId: string;
  readonly command: UserCommand;
  /** The instance that it is sent to first, from 0; what is sent again goes to the next one. */
  readonly writer: number;
  /** The idempotency key; null: the client sends none. */
  readonly requestKey: string | null;
  readonly expectedVersion: number | null;
  /** How often the client sends it, one after the other, whatever it hears: from 1. A retry after an unknown outcome is not counted. */
  readonly sends: number;
  /** When it is sent again: at once, or only when the store has pruned what it recorded of the request. */
  readonly sendsAgain: 'at-once' | 'once-pruned';
  /** Whether the client reads the user once its command is accepted, and whether it says which version it has written. */
  readonly readsBack: 'no' | 'blindly' | 'at-least';
}

/** Commands of one round are sent at the same time; the next round begins when all of them are answered. */
export type CommandRound = readonly ClientCommand[];

export interface WriteSide {
  /** Instances of the user service: at least 1. */
  readonly writerCount: number;
  readonly settings: WriterSettings;
  /** The broker's deduplication is on: it drops what a producer of the same name has stored before. */
  readonly deduplicates: boolean;
  readonly crashes: readonly WriterCrash[];
  readonly rounds: readonly CommandRound[];
}
