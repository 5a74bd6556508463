/** The write side of a plan: who decides and appends, how, and what clients send to them. */
import type { AppendGuard } from './append';
import type { UserCommand } from './command';
import type { SubscriptionType } from './subscription';

/** How a writer makes known what it decided. */
export const PUBLISHING = ['outbox', 'store-then-publish', 'publish-then-store'] as const;
/**
 * outbox: the append is all; a relay publishes the log. The other two write to store and topic one after the other, so
 * that a crash between leaves one without the other (a dual write).
 */
export type Publishing = (typeof PUBLISHING)[number];

/** How instances share the users between them. */
export interface AuthoritySettings {
  /** From 1. Each shard has one owner at a time. */
  readonly shardCount: number;
  /**
   * Milliseconds that an owner keeps its shard without being heard of. Shorter: the shards of one that died are taken over
   * sooner, and those of one that is slow too. It decides how long nobody acts, and never about what is written.
   */
  readonly holdMs: number;
  /**
   * An instance that is asked for a shard of another one sends the command on, once, and gives the client the owner's answer. False:
   * it refuses with NOT_OWNER, which names the owner, and the client asks there.
   */
  readonly forwards: boolean;
  /** The store refuses an append whose epoch is over. False: who believes that it leads, appends. */
  readonly checksEpoch: boolean;
  /**
   * A store that restarted, was emptied or failed over accepts nothing before it was compared with the topic. False: it goes on with
   * what it has.
   */
  readonly guardsIncarnation: boolean;
}

/** What an instance of the user service does with a command. */
export interface WriterSettings {
  /** null: any instance acts for any user. */
  readonly authority: AuthoritySettings | null;
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

/** The named points of a writer's work on one command; the second line is that of a handler of the command topic. */
export type WriterPoint =
  | ('before:append' | 'after:append' | 'before:publish' | 'after:publish')
  | ('before:execute' | 'before:reply' | 'before:ack');

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

/**
 * A writer that stands still (SIGSTOP) right before it appends what this command led to. It is taken out meanwhile: nobody
 * asks it. When a rival, a command that clients send only then, is accepted by another one, it goes on where it stood (SIGCONT).
 */
export interface WriterPause {
  readonly commandId: string;
  readonly rivalId: string;
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

/** A handler that joins, or the youngest one that drains and leaves, while the commands of a round are under way. */
export interface HandlerMove {
  readonly kind: 'join' | 'leave';
  /** From 0: the round that it happens in. */
  readonly round: number;
}

/** Commands travel on a topic, and instances of the user service compete for them as its handlers. */
export interface CommandTopic {
  /** Of the handlers. Only where a key has one owner at a time are the commands of a user handled one after the other. */
  readonly subscriptionType: SubscriptionType;
  /** Gateways that clients ask, at least 1: each has a reply topic of its own. */
  readonly gatewayCount: number;
  readonly moves: readonly HandlerMove[];
}

/** The named points of a relay's work on one page of its share: nothing of it is sent, and all of it is confirmed. */
export type RelayPoint = 'before:publish' | 'after:publish';

/** The relay that works on a share dies there, when a page of that share reaches the point for the `arrival`-th time (from 1). */
export interface RelayCrash {
  /** From 0. */
  readonly share: number;
  readonly at: RelayPoint;
  readonly arrival: number;
  /** The next life begins when the relays of all other shares have come so many entries further, or when no command is left. */
  readonly othersAheadCount: number;
}

/** How the outbox is published. */
export interface RelaySettings {
  /** From 1. Each share has one relay at a time, and others that stand by. */
  readonly shareCount: number;
  /** From 1: relays of each share, of which one works. */
  readonly relayCount: number;
  /** by-user: all events of a user are in one share. by-position: whoever is free takes what comes next, as from a table of jobs. */
  readonly split: 'by-user' | 'by-position';
  /** Messages are numbered by their place in the outbox, under the name of the share, so that a broker that deduplicates drops copies. */
  readonly isNumbered: boolean;
  readonly crashes: readonly RelayCrash[];
}

export interface WriteSide {
  /** null: one relay publishes all of it. */
  readonly relay: RelaySettings | null;

  /** null: a client asks an instance itself, over HTTP where it is a process. Otherwise `writerCount` handlers begin. */
  readonly commandTopic: CommandTopic | null;
  /** Instances of the user service: at least 1. */
  readonly writerCount: number;
  readonly settings: WriterSettings;
  /** The broker's deduplication is on: it drops what a producer of the same name has stored before. */
  readonly deduplicates: boolean;
  readonly crashes: readonly WriterCrash[];
  readonly pauses: readonly WriterPause[];
  readonly rounds: readonly CommandRound[];
}
