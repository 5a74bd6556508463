/**
 * The native client library, `pulsar-client`, as far as the adapter uses it; loaded when the first broker is opened.
 *
 * Its types are written down here, so that nothing that orderlab publishes needs the package; a type test holds the two
 * together. It is optional: a machine may have the package without its addon, and the addon without libpulsar.
 */
import { causeText, OrderlabError } from '../errors';

/** The release that was measured; package.json names the same one. */
export const NATIVE_CLIENT_PACKAGE = 'pulsar-client@1.18.0';

export interface NativeMessageId {
  /** `(ledger,entry,partition,batch)`; partition and batch are -1 where there is none. */
  toString(): string;
  serialize(): Buffer;
}
export interface NativeMessage {
  getMessageId(): NativeMessageId;
  getData(): Buffer;
  /** An array with named members, so it is copied by spreading. Throws for a property that is called `length`. */
  getProperties(): Record<string, string>;
  /** Empty when the message has none. */
  getPartitionKey(): string;
  getRedeliveryCount(): number;
}
export interface NativeConsumer {
  /**
   * Without a time-out: one with a time-out holds a thread of libuv's pool, and four of those stop all file access.
   * Rejects when the consumer is closed.
   */
  receive(): Promise<NativeMessage>;
  /** Resolves with none when the policy's time-out has passed. */
  batchReceive(): Promise<NativeMessage[]>;
  /** Resolves about 100 ms before the broker knows: acknowledgements travel in groups. */
  acknowledgeId(messageId: NativeMessageId): Promise<null>;
  negativeAcknowledgeId(messageId: NativeMessageId): void;
  isConnected(): boolean;
  /** Sends the acknowledgements that wait. */
  close(): Promise<null>;
}
export interface NativeOutgoingMessage {
  /** A text would be sent empty. */
  data: Buffer;
  properties: Record<string, string>;
  partitionKey?: string;
  sequenceId?: number;
}
export interface NativeProducer {
  send(message: NativeOutgoingMessage): Promise<NativeMessageId>;
  close(): Promise<null>;
}
/** Its readNext is never called: one that fails, by a time-out or a close, ends the process with a segmentation fault. */
export interface NativeReader {
  close(): Promise<null>;
}

export interface NativeProducerConfig {
  topic: string;
  producerName: string;
  accessMode: 'Shared' | 'Exclusive' | 'WaitForExclusive' | 'ExclusiveWithFencing';
  sendTimeoutMs: number;
  maxPendingMessages: number;
  /** True freezes the event loop when the queue is full. */
  blockIfQueueFull: false;
  /** Its default batches mix keys and break Key_Shared (pulsar-semantics 5.1). */
  batchingEnabled: false;
  /** Its default hash sends a key to another partition than Java's clients do (pulsar-semantics 5.4). */
  hashingScheme: 'Murmur3_32Hash';
}
export interface NativeConsumerConfig {
  topic: string;
  subscription: string;
  subscriptionType: 'Exclusive' | 'Failover' | 'Shared' | 'KeyShared';
  subscriptionInitialPosition: 'Earliest';
  consumerName: string;
  receiverQueueSize: number;
  /** Below 134 the client waits 134 ms all the same. */
  nAckRedeliverTimeoutMs: number;
  batchReceivePolicy: { maxNumMessages: number; maxNumBytes: number; timeoutMs: number };
}
export interface NativeReaderConfig {
  topic: string;
  startMessageId: NativeMessageId;
  receiverQueueSize: number;
  listener: (message: NativeMessage) => void;
}
export interface NativeClientConfig {
  serviceUrl: string;
  operationTimeoutSeconds: number;
  connectionTimeoutMs: number;
  logLevel: typeof NATIVE_LOG_LEVEL;
  authentication?: object;
  tlsTrustCertsFilePath?: string;
  tlsValidateHostname: boolean;
}
export interface NativeClient {
  createProducer(config: NativeProducerConfig): Promise<NativeProducer>;
  subscribe(config: NativeConsumerConfig): Promise<NativeConsumer>;
  createReader(config: NativeReaderConfig): Promise<NativeReader>;
  /** Last, after everything that it opened: a consumer that outlives it keeps the process alive. */
  close(): Promise<null>;
}
export interface NativeLibrary {
  readonly Client: {
    new (config: NativeClientConfig): NativeClient;
    /** One handler for the whole process. Without it the client writes to standard output. */
    setLogHandler(handler: (level: number, file: string, line: number, message: string) => void): void;
  };
  readonly MessageId: {
    earliest(): NativeMessageId;
    deserialize(bytes: Buffer): NativeMessageId;
  };
  readonly AuthenticationToken: new (parameters: { token: string }) => object;
}

/** Warnings and errors; below that a client reports every connection. */
export const NATIVE_LOG_LEVEL = 2;

interface Complaint {
  readonly text: string;
  readonly atMs: number;
}

let loaded: NativeLibrary | null = null;
let latest: Complaint | null = null;

/** Errors: TOOL_MISSING when the package, its addon or libpulsar is not there; each says so and names the command. */
export function loadNativeLibrary(load: () => unknown = () => require('pulsar-client')): NativeLibrary {
  if (loaded !== null) return loaded;
  let library: NativeLibrary;
  try {
    library = load() as NativeLibrary;
  } catch (thrown) {
    throw absenceOf(thrown);
  }
  library.Client.setLogHandler((_level, _file, _line, text) => {
    /** A summary that ends in the result says nothing new, and comes after the line that does. */
    if (!/-- \w+$/.test(text)) latest = { text, atMs: performance.now() };
  });
  loaded = library;
  return library;
}

/** The latest warning that the client logged at or after `sinceMs` (performance.now()): its errors give no reason. */
export function complaintSince(sinceMs: number): string | null {
  return latest !== null && latest.atMs >= sinceMs ? latest.text : null;
}

/** Three things can be missing, and each is got in another way. */
export function absenceOf(thrown: unknown): OrderlabError {
  const { code, requireStack = [] } = thrown as { readonly code?: string; readonly requireStack?: readonly string[] };
  const text = causeText(thrown);
  const isPackageThere = requireStack[0] !== undefined && /pulsar-client[\\/]src[\\/]/.test(requireStack[0]);
  if (code === 'MODULE_NOT_FOUND' && !isPackageThere && text.includes('pulsar-client')) {
    return missing('the package pulsar-client', `\`npm install ${NATIVE_CLIENT_PACKAGE}\` installs it`, thrown);
  }
  if (code === 'MODULE_NOT_FOUND') {
    return missing('the compiled addon of pulsar-client', `${REBUILD} fetches or builds it`, thrown);
  }
  const remedy = `put libpulsar where it was when the addon was built, or build again with ${REBUILD} (${text})`;
  return missing('libpulsar, the library below pulsar-client,', remedy, thrown);
}

const REBUILD = '`npm run pulsar:native` (`npm rebuild pulsar-client --ignore-scripts=false`)';

function missing(tool: string, remedy: string, cause: unknown): OrderlabError {
  const purpose = 'speak pulsar:// and pulsar+ssl://';
  const alternative = '--broker ws://HOST:8080 speaks to the same broker without native code';
  return new OrderlabError('TOOL_MISSING', { tool, purpose, remedy: `${remedy}; ${alternative}` }, cause);
}
