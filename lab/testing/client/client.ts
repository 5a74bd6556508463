/** Client of the drop-in. Whatever its service URL says, all clients of a process reach the same cluster. */
import type { Cluster } from './cluster';
import { fullTopicName } from './cluster';
import { Consumer } from './consumer';
import { type Complain, type ConsumerConfig, settingsOf } from './consumer-settings';
import type { Host } from './host';
import { currentHost, place } from './place';
import { Producer, type ProducerConfig } from './producer';
import { Reader, type ReaderConfig } from './reader';

export interface ClientConfig {
  readonly serviceUrl?: string;
  readonly serviceUrlProvider?: unknown;
}

type LogHandler = (level: number, file: string, line: number, message: string) => void;

/** The level of errors, as the native client numbers them. */
const ERROR_LEVEL = 3;

/** One for the whole process, as in the native client. */
let logHandler: LogHandler | null = null;

export class Client {
  readonly #cluster: Cluster = place().cluster;
  readonly #host: Host = currentHost();
  readonly #opened: { close(): Promise<null> }[] = [];

  constructor(config: ClientConfig) {
    const isText = typeof config?.serviceUrl === 'string' && config.serviceUrl !== '';
    if (!isText && config?.serviceUrlProvider === undefined) {
      throw new Error('Service URL is required and must be specified as a string');
    }
  }

  static setLogHandler(handler: LogHandler): void {
    logHandler = handler;
  }

  createProducer(config: ProducerConfig): Promise<Producer> {
    return this.#open(Producer.open(config, this.#cluster, this.#host));
  }

  subscribe(config: ConsumerConfig): Promise<Consumer> {
    return this.#open(this.#subscribe(config));
  }

  createReader(config: ReaderConfig): Promise<Reader> {
    return this.#open(Reader.open(config, this.#cluster, this.#host));
  }

  async getPartitionsForTopic(topic: string): Promise<string[]> {
    const name = fullTopicName(topic);
    await this.#cluster.ensureTopic(name);
    const count = this.#cluster.partitionCountOf(name);
    return count === 0 ? [name] : Array.from({ length: count }, (_, index) => `${name}-partition-${index}`);
  }

  /** Closes what it opened. */
  async close(): Promise<null> {
    for (const each of this.#opened.splice(0)) await each.close();
    return this.#host.hold(Promise.resolve(null));
  }

  async #subscribe(config: ConsumerConfig): Promise<Consumer> {
    return Consumer.open(settingsOf(config, this.#cluster, this.#host, complain), this.#cluster, this.#host);
  }

  async #open<Opened extends { close(): Promise<null> }>(opening: Promise<Opened>): Promise<Opened> {
    const opened = await this.#host.hold(opening);
    this.#opened.push(opened);
    return opened;
  }
}

const complain: Complain = (text) => {
  if (logHandler === null) process.stderr.write(`${text}\n`);
  else logHandler(ERROR_LEVEL, 'orderlab', 0, text);
};
