/** The native client without its addon: a library whose calls are noted and answered by the test. */
import { EventEmitter, once } from 'node:events';
import type {
  NativeConsumer,
  NativeLibrary,
  NativeMessage,
  NativeMessageId,
  NativeOutgoingMessage,
  NativeProducer,
} from '../../shared/adapters/pulsar-native-library';

export function nativeId(text: string): NativeMessageId {
  return { toString: () => text, serialize: () => Buffer.from(text) };
}

/** A message of a plain topic, whose entry is its number. */
export function nativeMessage(entryId: number, id = `(7,${entryId},-1,-1)`): NativeMessage {
  return {
    getMessageId: () => nativeId(id),
    getData: () => Buffer.from([entryId]),
    getProperties: () => Object.assign([], { text: String(entryId) }) as unknown as Record<string, string>,
    getPartitionKey: () => 'a',
    getRedeliveryCount: () => 0,
  };
}

/** Ids are as they were serialized: the tests compare what the client is given. */
export const peerLibrary = {
  MessageId: {
    earliest: () => nativeId('earliest'),
    deserialize: (bytes: Buffer) => nativeId(bytes.toString('hex')),
  },
} as unknown as NativeLibrary;

interface Pending<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (thrown: Error) => void;
}

export class PeerProducer implements NativeProducer {
  readonly sent: NativeOutgoingMessage[] = [];
  readonly pending: Pending<NativeMessageId>[] = [];

  send(message: NativeOutgoingMessage): Promise<NativeMessageId> {
    this.sent.push(message);
    return new Promise((resolve, reject) => this.pending.push({ resolve, reject }));
  }

  async close(): Promise<null> {
    for (const { reject } of this.pending.splice(0)) reject(new Error('Failed to send message: AlreadyClosed'));
    return null;
  }
}

export class PeerConsumer implements NativeConsumer {
  readonly asked: ('receive' | 'batch')[] = [];
  readonly told: string[] = [];
  connected = true;
  /** The client's own thread answers what still waits, some time after a close; null: at once. */
  closes: Promise<void> | null = null;
  #pending: Pending<NativeMessage[]> | null = null;
  readonly #asking = new EventEmitter();

  async receive(): Promise<NativeMessage> {
    const [message] = await this.#ask('receive');
    if (message === undefined) throw new Error('a receive is answered with a message');
    return message;
  }

  batchReceive(): Promise<NativeMessage[]> {
    return this.#ask('batch');
  }

  /** Answers the request under way, waiting for it where it is still to come. */
  async answer(messages: NativeMessage[]): Promise<void> {
    if (this.#pending === null) await once(this.#asking, 'asked');
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve(messages);
  }

  async acknowledgeId(id: NativeMessageId): Promise<null> {
    this.told.push(`ack ${id.toString()}`);
    return null;
  }

  negativeAcknowledgeId(id: NativeMessageId): void {
    this.told.push(`nack ${id.toString()}`);
  }

  isConnected(): boolean {
    return this.connected;
  }

  async close(): Promise<null> {
    this.told.push('close');
    const end = (): void => this.#pending?.reject(new Error('Failed to receive message: AlreadyClosed'));
    if (this.closes === null) end();
    else void this.closes.then(end);
    return null;
  }

  #ask(how: 'receive' | 'batch'): Promise<NativeMessage[]> {
    if (this.#pending !== null) throw new Error('one request at a time');
    this.asked.push(how);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#asking.emit('asked');
    });
  }
}
