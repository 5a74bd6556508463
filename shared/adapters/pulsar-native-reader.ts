/**
 * Reader over the native client: the entries of one partition, to a tail that was known before it began. No
 * subscription is involved.
 *
 * A reader of this client is treacherous in four ways, each seen. A readNext that fails, by a time-out or a close, ends
 * the process with a segmentation fault: so it listens. A listener drops without a word what arrives before the client
 * has handed the reader over: so the first entry is known beforehand, and a reader that begins with another one, or
 * with none, is opened again. A seek is sometimes forgotten in the reconnection that it causes: so it never seeks. A
 * listener that waits blocks the thread that all readers share: so entries are kept here as they come, as many as lie
 * between the start and the tail.
 */
import { OrderlabError } from '../errors';
import type { LogEntry } from '../model/message';
import { isAfter, type Place, type PulsarMessageId, printMessageId } from './pulsar-message-id';
import { settledInTime } from './pulsar-native-close';
import { type NativeRequest, openingError } from './pulsar-native-error';
import type { NativeClient, NativeLibrary, NativeMessage, NativeReader } from './pulsar-native-library';
import { contentOf, nativeIdOf, readNativeId } from './pulsar-native-message';

const READER_QUEUE_SIZE = 1_000;
/** A reader that has shown nothing for so long has dropped everything. */
const SILENCE_MS = 500;

/** An entry that was read. */
export interface NativeCursor {
  readonly position: number;
  readonly place: Place;
  /** The entry before it; null at the earliest. Reading on begins behind it, so that this one shows that none is missing. */
  readonly before: Place | null;
}

export interface NativeReaderOptions {
  readonly library: NativeLibrary;
  readonly client: NativeClient;
  readonly request: Omit<NativeRequest, 'sinceMs'>;
  /** The partition's own name, `persistent://…`. */
  readonly address: string;
  readonly partition: number;
  /** The entry with which the reader has to begin. */
  readonly first: NativeCursor;
  /** The last entry when the tail was looked up. */
  readonly tail: Place;
}

/** Each entry with its cursor. Rejects with BROKER_UNREACHABLE or DEADLINE_EXCEEDED if it cannot be finished. */
export async function* readNativePartition(
  options: NativeReaderOptions,
): AsyncGenerator<{ readonly entry: LogEntry; readonly cursor: NativeCursor }> {
  const { first, tail, partition, request } = options;
  if (isAfter(first.place, tail)) return;
  const { reader, inbox } = await openAtFirst(options);
  try {
    let { before, position } = first;
    for (let place: Place = EARLIEST; isAfter(tail, place); position += 1) {
      const { id, message } = await inbox.take(request.deadlineMs);
      const entry = { messageId: printMessageId(id), topic: request.topic, partition, position };
      yield { entry: { ...entry, ...contentOf(message) }, cursor: { position, place: id, before } };
      before = id;
      place = id;
    }
  } finally {
    await settledInTime(reader.close());
  }
}

const EARLIEST: Place = { ledgerId: -1, entryId: -1 };

interface Opened {
  readonly reader: NativeReader;
  readonly inbox: Inbox;
}

async function openAtFirst(options: NativeReaderOptions): Promise<Opened> {
  const { what, deadlineMs } = options.request;
  const giveUpAtMs = performance.now() + deadlineMs;
  while (performance.now() < giveUpAtMs) {
    const inbox = new Inbox(options);
    const reader = await openReader(options, inbox);
    if (await inbox.beginsWith(options.first.place, SILENCE_MS)) return { reader, inbox };
    await settledInTime(reader.close());
  }
  throw new OrderlabError('DEADLINE_EXCEEDED', { what: `${what}: reading the first entry`, deadlineMs });
}

async function openReader({ library, client, ...options }: NativeReaderOptions, inbox: Inbox): Promise<NativeReader> {
  const { first, partition, address, request } = options;
  const { before } = first;
  const sinceMs = performance.now();
  try {
    return await client.createReader({
      topic: address,
      startMessageId: before === null ? library.MessageId.earliest() : nativeIdOf(library, { ...before, partition }),
      receiverQueueSize: READER_QUEUE_SIZE,
      listener: (message) => inbox.put(message),
    });
  } catch (thrown) {
    throw openingError(thrown, { ...request, sinceMs });
  }
}

interface Arrival {
  readonly id: PulsarMessageId;
  readonly message: NativeMessage;
}

/** What arrived up to the tail, each once and in order, for one taker. A reader that connects again repeats itself. */
class Inbox {
  readonly #options: Pick<NativeReaderOptions, 'tail' | 'request'>;
  readonly #arrivals: Arrival[] = [];
  #last: Place = EARLIEST;
  #failure: unknown = null;
  #wake: () => void = () => {};

  constructor(options: Pick<NativeReaderOptions, 'tail' | 'request'>) {
    this.#options = options;
  }

  /** Runs under the client's listener, which swallows what is thrown. */
  put(message: NativeMessage): void {
    try {
      const id = readNativeId(message.getMessageId());
      if (!isAfter(id, this.#last) || isAfter(id, this.#options.tail)) return;
      this.#last = id;
      this.#arrivals.push({ id, message });
    } catch (thrown) {
      this.#failure ??= thrown;
    }
    this.#wake();
  }

  async beginsWith({ ledgerId, entryId }: Place, deadlineMs: number): Promise<boolean> {
    await this.#arrival(deadlineMs);
    const [arrival] = this.#arrivals;
    return arrival?.id.ledgerId === ledgerId && arrival.id.entryId === entryId;
  }

  async take(deadlineMs: number): Promise<Arrival> {
    await this.#arrival(deadlineMs);
    const arrival = this.#arrivals.shift();
    if (arrival !== undefined) return arrival;
    if (this.#failure !== null) throw this.#failure;
    const what = `${this.#options.request.what}: reading the next entry`;
    throw new OrderlabError('DEADLINE_EXCEEDED', { what, deadlineMs });
  }

  #arrival(deadlineMs: number): Promise<void> {
    if (this.#arrivals.length > 0 || this.#failure !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
