/**
 * Command gateway: puts commands on a topic, keyed by user, and waits for the replies on a topic of its own. To its clients it
 * is an instance of the user service like any other.
 */
import { CORRELATION_ID, decodeReply, encodeCommand, REPLY_TOPIC } from '../shared/command-wire';
import { OrderlabError } from '../shared/errors';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { Delivery } from '../shared/model/message';
import type { Clock, Consumer, Producer } from '../shared/ports';
import type { CommandPort } from '../shared/write-ports';

export interface CommandGatewayOptions {
  /** Names the gateway in the history. Another life has another name, or a late reply could answer for it. */
  readonly gateway: string;
  /** To the command topic. */
  readonly commands: Producer;
  /** Of the reply topic, which nobody else reads. */
  readonly replies: Consumer;
  readonly replyTopic: string;
  readonly clock: Clock;
  /** Milliseconds from the moment that the command is stored; then the client hears REPLY_LATE. */
  readonly replyDeadlineMs: number;
}

/** Commands that a gateway awaits the replies of; one more is refused with OVERLOADED. */
export const REPLIES_AWAITED_COUNT_MAX = 10_000;
/** Pause between two looks for deadlines that have passed, in milliseconds: one timer for all of them. */
const DEADLINE_PAUSE_MS = 50;

interface Awaited {
  readonly lateMs: number;
  readonly resolve: (receipt: CommandReceipt) => void;
  readonly reject: (thrown: OrderlabError) => void;
}

/** A stored command: it will be executed, whoever waits for it. */
export interface PostedCommand {
  /** Rejects as CommandPort.submit, and with REPLY_LATE. */
  readonly receipt: Promise<CommandReceipt>;
}

export class CommandGateway implements CommandPort {
  readonly writer: string;
  /** By correlation id. */
  readonly #awaited = new Map<string, Awaited>();
  #postedCount = 0;
  #isLooking = false;
  readonly #options: CommandGatewayOptions;
  readonly #listening: Promise<void>;

  constructor(options: CommandGatewayOptions) {
    this.#options = options;
    this.writer = options.gateway;
    this.#listening = this.#listen();
    this.#listening.catch(() => {});
  }

  async submit(request: CommandRequest): Promise<CommandReceipt> {
    return (await this.post(request)).receipt;
  }

  /**
   * Resolves when the command is stored. Rejects with OVERLOADED when too many wait, and as the producer does: where that is
   * unknown, the command may be executed, and the same request again finds out.
   */
  async post(request: CommandRequest): Promise<PostedCommand> {
    if (this.#awaited.size >= REPLIES_AWAITED_COUNT_MAX) throw new OrderlabError('OVERLOADED', {});
    const { commands, gateway, replyTopic } = this.#options;
    this.#postedCount += 1;
    const correlationId = `${gateway}/${this.#postedCount}`;
    /** Before the send: a reply may be here before the receipt of the command is. */
    const receipt = this.#await(correlationId);
    receipt.catch(() => {});
    try {
      await commands.send({
        key: request.command.user,
        payload: encodeCommand(request),
        properties: { [REPLY_TOPIC]: replyTopic, [CORRELATION_ID]: correlationId },
      });
    } catch (thrown) {
      this.#awaited.delete(correlationId);
      throw thrown;
    }
    return { receipt };
  }

  /** Whoever still waits hears that the reply did not come. Idempotent. */
  async close(): Promise<void> {
    await this.#options.replies.close();
    await this.#options.commands.close();
    await this.#listening;
    for (const correlationId of [...this.#awaited.keys()]) this.#giveUp(correlationId);
  }

  #await(correlationId: string): Promise<CommandReceipt> {
    const { clock, replyDeadlineMs } = this.#options;
    return new Promise((resolve, reject) => {
      this.#awaited.set(correlationId, { lateMs: clock.nowMs() + replyDeadlineMs, resolve, reject });
      if (!this.#isLooking) void this.#lookForLate();
    });
  }

  async #lookForLate(): Promise<void> {
    const { clock } = this.#options;
    this.#isLooking = true;
    while (this.#awaited.size > 0) {
      await clock.sleep(DEADLINE_PAUSE_MS);
      for (const [correlationId, { lateMs }] of this.#awaited) if (clock.nowMs() >= lateMs) this.#giveUp(correlationId);
    }
    this.#isLooking = false;
  }

  #giveUp(correlationId: string): void {
    const awaited = this.#awaited.get(correlationId);
    this.#awaited.delete(correlationId);
    awaited?.reject(new OrderlabError('REPLY_LATE', { deadlineMs: this.#options.replyDeadlineMs }));
  }

  async #listen(): Promise<void> {
    const { replies } = this.#options;
    for (let delivery = await replies.receive(); delivery !== null; delivery = await replies.receive()) {
      this.#hear(delivery);
      /** A reply that comes again answers nobody any more. */
      await replies.ack(delivery.messageId).catch(() => {});
    }
  }

  /** The first reply to an attempt counts: a handler that died behind its reply has it given again. */
  #hear({ properties, payload }: Delivery): void {
    const correlationId = properties[CORRELATION_ID] ?? '';
    const awaited = this.#awaited.get(correlationId);
    const reply = decodeReply(payload);
    if (awaited === undefined || reply === null) return;
    this.#awaited.delete(correlationId);
    if (reply.outcome === 'accepted') awaited.resolve(reply.receipt);
    else awaited.reject(new OrderlabError(reply.code, reply.details));
  }
}
