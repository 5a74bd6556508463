/**
 * Hosts: who runs the consumer that uses the drop-in client, and decides what becomes of it. Under the kit every
 * consumer has a host of its own, which can kill it, hold it up and lose its acknowledgements; else nobody interferes.
 */
import type { Delivery } from '../../../shared/model/message';
import type { SubscriptionType } from '../../../shared/model/subscription';

/** Whether a step may be taken. never: its process is dead. A promise: it is held up until that resolves. */
export type Passage<Other extends string = never> = 'go' | 'never' | Other | Promise<'go' | 'never' | Other>;

/** A consumer of the drop-in, as its host handles it. */
export interface Member {
  /** Full names. */
  readonly topics: readonly string[];
  readonly subscription: string;
  /** Asks for a message, or its listener waits for one, and nothing that it was given is unfinished. */
  isIdle(): boolean;
  /** Messages that it was given and has not acknowledged or given back. */
  inHandCount(): number;
  /** The connection ends, and nobody tells the consumer: what it was given goes to others, it may go on working. */
  disconnect(): void;
  /** Joins again, behind the others. Nothing when it is connected or closed. */
  reconnect(): Promise<void>;
}

export interface Host {
  /** Names the consumer that it hosts; null: none of the kit's. */
  readonly name: string | null;
  /** Whatever is called inside, now or later, is on this host. */
  run<Result>(work: () => Result): Result;
  /** The same promise; while the process is held up it does not settle, and once it is dead never. */
  hold<Result>(promise: Promise<Result>): Promise<Result>;
  /** The type to subscribe with instead of what was asked for. */
  subscriptionType(asked: SubscriptionType): SubscriptionType;
  /** The delay to give negative acknowledgements instead of the one configured, milliseconds. */
  negativeAckDelayMs(configuredMs: number): number;
  joined(member: Member): void;
  left(member: Member): void;
  /** Before a message is handed over. give-back: it goes back to the broker, and the consumer never sees it. */
  beforeReceive(member: Member, delivery: Delivery): Passage<'give-back'>;
  received(member: Member, delivery: Delivery): void;
  /** Before an acknowledgement is sent. lose: the consumer believes that it was. */
  beforeAck(member: Member, delivery: Delivery): Passage<'lose'>;
  acknowledged(member: Member, delivery: Delivery): void;
  givenBack(member: Member, delivery: Delivery): void;
}

const nothing = (): void => {};

/** For clients that no kit runs. */
export const FREE_HOST: Host = {
  name: null,
  run: (work) => work(),
  hold: (promise) => promise,
  subscriptionType: (asked) => asked,
  negativeAckDelayMs: (configuredMs) => configuredMs,
  joined: nothing,
  left: nothing,
  beforeReceive: () => 'go',
  received: nothing,
  beforeAck: () => 'go',
  acknowledged: nothing,
  givenBack: nothing,
};
