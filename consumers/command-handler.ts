/**
 * Command handler: competes for commands on a topic, executes those of one user one after the other, and replies to the topic
 * that a command names. A command is acknowledged when its reply is stored, so whatever becomes of a handler, another one
 * gets the command again; the request record of the event store then answers what was done already.
 *
 *   1. It dies before it executes: the command is executed by the next one.
 *   2. It dies between append and reply: the next one finds the request record, and replies what the first would have.
 *   3. It dies between reply and acknowledgement: the reply comes twice, and says the same; the gateway takes the first.
 * Without a request record 2 and 3 execute the command a second time.
 */
import {
  CORRELATION_ID,
  type CommandReply,
  decodeCommand,
  encodeReply,
  failureOf,
  REPLY_TOPIC,
} from '../shared/command-wire';
import { OrderlabError } from '../shared/errors';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { Delivery } from '../shared/model/message';
import type { WriterPoint } from '../shared/model/write-side';
import type { Consumer, Lifecycle, Producer } from '../shared/ports';

export interface CommandHandlerOptions {
  readonly consumer: Pick<Consumer, 'receive' | 'ack'>;
  /** Opens a producer to a reply topic; asked once a topic, as long as it is remembered. */
  readonly openReplies: (topic: string) => Promise<Producer>;
  /** Rejects with an OrderlabError when the command is refused; that is a reply as well. */
  readonly execute: (request: CommandRequest) => Promise<CommandReceipt>;
  /** Where it meets its fate; the dead go no further. */
  readonly reached: (point: WriterPoint, user: string) => Promise<void>;
  readonly stop: Pick<Lifecycle, 'stopping' | 'whenStopping'>;
}

/** Commands that one handler has in hand; the others wait in its queue. */
export const COMMANDS_IN_HAND_COUNT_MAX = 64;
/** Reply topics that a handler keeps a producer for, one a gateway; the one that was opened first is closed. */
export const REPLY_TOPIC_COUNT_MAX = 64;
/** Topics of replies begin like this: a command names where somebody writes, so it may not name just any topic. */
export const REPLY_TOPIC_PREFIX = 'replies-';
const REPLY_TOPIC_NAME = new RegExp(`^${REPLY_TOPIC_PREFIX}[A-Za-z0-9._-]{1,100}$`);

/** Resolves when it was asked to stop and has dealt with what it had in hand; rejects when the program is wrong. */
export function runCommandHandler(options: CommandHandlerOptions): Promise<void> {
  return new CommandHandler(options).finished;
}

class CommandHandler {
  readonly finished: Promise<void>;
  /** By user: the end of the last command in hand. */
  private readonly turns = new Map<string, Promise<void>>();
  private readonly replies = new Map<string, Promise<Producer>>();
  private inHandCount = 0;
  private isReceiving = false;
  private finish: () => void = () => {};
  private fail: (thrown: unknown) => void = () => {};

  constructor(private readonly options: CommandHandlerOptions) {
    this.finished = new Promise<void>((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    this.guard(options.stop.whenStopping.then(() => this.endWhenDone()));
    this.receiveMore();
  }

  /** Every continuation runs under it: what throws is our own bug and ends the handler, never silently. */
  private guard(running: Promise<void>): void {
    running.catch((thrown: unknown) => this.fail(thrown));
  }

  private receiveMore(): void {
    const { stop, consumer } = this.options;
    if (stop.stopping || this.isReceiving || this.inHandCount >= COMMANDS_IN_HAND_COUNT_MAX) return;
    this.isReceiving = true;
    this.guard(consumer.receive().then((delivery) => this.take(delivery)));
  }

  /**
   * Behind whatever of the same user is in hand: a decision waits until the one before it is committed. What arrives after
   * the stop stays unacknowledged: closing hands it to others.
   */
  private take(delivery: Delivery | null): void {
    this.isReceiving = false;
    if (delivery === null || this.options.stop.stopping) {
      this.guard(this.endWhenDone());
      return;
    }
    const { key } = delivery;
    this.inHandCount += 1;
    const turn = (this.turns.get(key) ?? Promise.resolve()).then(() => this.handle(delivery));
    this.turns.set(key, turn);
    this.guard(turn.then(() => this.release(key, turn)));
    this.receiveMore();
  }

  private release(key: string, turn: Promise<void>): void {
    this.inHandCount -= 1;
    if (this.turns.get(key) === turn) this.turns.delete(key);
    if (this.options.stop.stopping) this.guard(this.endWhenDone());
    else this.receiveMore();
  }

  private async endWhenDone(): Promise<void> {
    if (this.inHandCount > 0) return;
    await Promise.all([...this.replies.values()].map(closeQuietly));
    this.finish();
  }

  private async handle(delivery: Delivery): Promise<void> {
    const { reached, consumer } = this.options;
    await reached('before:execute', delivery.key);
    const reply = await this.execute(delivery);
    await reached('before:reply', delivery.key);
    await this.reply(delivery, reply);
    await reached('before:ack', delivery.key);
    /** A command that comes again is answered out of its record. */
    await unlessLost(consumer.ack(delivery.messageId));
  }

  private async execute({ payload, key }: Delivery): Promise<CommandReply> {
    const request = decodeCommand(payload);
    if (request === null || request.command.user !== key) return UNREADABLE;
    try {
      return { outcome: 'accepted', receipt: await this.options.execute(request) };
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure === null) throw thrown;
      return failure;
    }
  }

  /** A reply that cannot be stored is one that was lost: its gateway gives up waiting, and the client asks again. */
  private async reply({ properties, key }: Delivery, reply: CommandReply): Promise<void> {
    const { [REPLY_TOPIC]: topic = '', [CORRELATION_ID]: correlationId = '' } = properties;
    if (!REPLY_TOPIC_NAME.test(topic)) return;
    const sending = this.producerOf(topic).then((producer) =>
      producer.send({ key, payload: encodeReply(reply), properties: { [CORRELATION_ID]: correlationId } }),
    );
    await unlessLost(sending, () => this.replies.delete(topic));
  }

  private producerOf(topic: string): Promise<Producer> {
    const known = this.replies.get(topic);
    if (known !== undefined) return known;
    const opening = this.options.openReplies(topic);
    this.replies.set(topic, opening);
    const [first] = this.replies;
    if (this.replies.size > REPLY_TOPIC_COUNT_MAX && first !== undefined) {
      this.replies.delete(first[0]);
      void closeQuietly(first[1]);
    }
    return opening;
  }
}

const UNREADABLE: CommandReply = {
  outcome: 'failed',
  ...{ code: 'REQUEST_INVALID', details: { problem: 'no command can be read from the message' } },
};

async function closeQuietly(opening: Promise<Producer>): Promise<void> {
  await unlessLost(opening.then((producer) => producer.close()));
}

/** The world's failure is no reason to end; a defect of ours is. */
async function unlessLost(calling: Promise<unknown>, lost: () => void = () => {}): Promise<void> {
  try {
    await calling;
  } catch (thrown) {
    if (!(thrown instanceof OrderlabError)) throw thrown;
    lost();
  }
}
