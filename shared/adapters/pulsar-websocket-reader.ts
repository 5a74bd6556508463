/**
 * Reader over Pulsar's WebSocket API: the entries of one partition, to a tail that was known before it began. No
 * subscription is involved. Batching is off in everything the lab publishes, so a message is an entry.
 */
import { OrderlabError } from '../errors';
import type { LogEntry } from '../model/message';
import { ackFrame, type PushFrame, readPush } from './pulsar-frame';
import { decodeMessageId, printMessageId } from './pulsar-message-id';
import { type ConnectionOptions, connect } from './pulsar-websocket-connection';

export interface ReaderOptions extends Omit<ConnectionOptions, 'onText' | 'onLost'> {
  readonly topic: string;
  /** Where it begins: after this entry (base64), whose position is given; null: at the earliest. */
  readonly start: LogCursor | null;
  /** Entries of the partition when the tail was looked up. */
  readonly entryCount: number;
  readonly partition: number;
  /** For each entry, milliseconds. */
  readonly answerDeadlineMs: number;
}

/** An entry that was read, and its place. */
export interface LogCursor {
  readonly position: number;
  /** The id as the broker wrote it, base64. */
  readonly messageId: string;
}

/** Each entry with the cursor behind it. Rejects with CONNECTION_LOST or DEADLINE_EXCEEDED when it cannot be finished. */
export async function* readPartition(
  options: ReaderOptions,
): AsyncGenerator<{ readonly entry: LogEntry; readonly cursor: LogCursor }> {
  let position = options.start === null ? 0 : options.start.position + 1;
  if (position >= options.entryCount) return;
  const inbox = new Inbox(options);
  const query = new URLSearchParams({ messageId: options.start?.messageId ?? 'earliest' });
  const connection = await connect(
    {
      ...options,
      url: `${options.url}?${query.toString()}`,
      onText: (text) => inbox.put(readPush(text)),
      onLost: (cause) => inbox.fail(new OrderlabError('CONNECTION_LOST', { what: options.what, cause })),
    },
    new AbortController().signal,
  );
  try {
    for (; position < options.entryCount; position += 1) {
      const frame = await inbox.take();
      /** The broker pushes a thousand entries and then as many as were acknowledged. */
      await connection.send(ackFrame(frame.messageId));
      yield { entry: entryOf(frame, options, position), cursor: { position, messageId: frame.messageId } };
    }
  } finally {
    await connection.close();
  }
}

function entryOf(frame: PushFrame, { topic, partition }: ReaderOptions, position: number): LogEntry {
  const id = decodeMessageId(frame.messageId);
  if (id === null) throw new Error(`an entry without an id: ${frame.messageId}`);
  const { key, properties } = frame;
  const payload = Buffer.from(frame.payload, 'base64');
  return { messageId: printMessageId(id), topic, partition, position, key, payload, properties };
}

/** Frames that arrived, for one taker. */
class Inbox {
  readonly #options: ReaderOptions;
  readonly #frames: PushFrame[] = [];
  #failure: OrderlabError | null = null;
  #wake: () => void = () => {};

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  put(frame: PushFrame): void {
    this.#frames.push(frame);
    this.#wake();
  }

  fail(failure: OrderlabError): void {
    this.#failure = failure;
    this.#wake();
  }

  async take(): Promise<PushFrame> {
    if (this.#frames.length === 0 && this.#failure === null) await this.#arrival();
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    if (this.#failure !== null) throw this.#failure;
    const { what, answerDeadlineMs: deadlineMs } = this.#options;
    throw new OrderlabError('DEADLINE_EXCEEDED', { what: `${what}: reading the next entry`, deadlineMs });
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.answerDeadlineMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
