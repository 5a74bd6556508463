/** Messages of the drop-in, with the getters of the native client and their quirks. */
import type { Delivery, LogEntry } from '../../../shared/model/message';
import { type Attributes, attributesOf, propertiesOf } from './content';
import { MessageId } from './message-id';

type Content = Pick<
  Delivery,
  'messageId' | 'topic' | 'partition' | 'key' | 'payload' | 'properties' | 'redeliveryCount'
>;

export class Message {
  readonly #content: Content | null;
  readonly #attributes: Attributes | null;

  /** Nobody but a consumer makes a message that has something in it; the native client is like that too. */
  constructor(content: Content | null = null) {
    this.#content = content;
    this.#attributes = content && attributesOf(content);
  }

  /** As a reader sees an entry: nobody counts deliveries there. */
  static ofEntry(entry: LogEntry): Message {
    return new Message({ ...entry, redeliveryCount: 0 });
  }

  getTopicName(): string {
    const { topic, partition } = this.#built();
    return partition === -1 ? topic : `${topic}-partition-${partition}`;
  }

  /** An array with named members, so that it has to be spread. A property that is called `length` makes it throw. */
  getProperties(): { [key: string]: string } {
    const properties = propertiesOf(this.#built());
    if (properties.length !== undefined) throw new RangeError('Invalid array length');
    return Object.assign([], properties) as unknown as { [key: string]: string };
  }

  /** A copy. */
  getData(): Buffer {
    return Buffer.from(this.#built().payload);
  }

  getMessageId(): MessageId {
    return MessageId.of(this.#built().messageId);
  }

  getPublishTimestamp(): number {
    return this.#carried().publishTimestamp;
  }

  /** 0 when the message has none. */
  getEventTimestamp(): number {
    return this.#carried().eventTimestamp;
  }

  getRedeliveryCount(): number {
    return this.#built().redeliveryCount;
  }

  /** Empty when the message has none. */
  getPartitionKey(): string {
    return this.#carried().partitionKey;
  }

  getOrderingKey(): string {
    return this.#carried().orderingKey;
  }

  getProducerName(): string {
    return this.#carried().producerName;
  }

  isReplicated(): boolean {
    this.#built();
    return false;
  }

  getReplicatedFrom(): string {
    this.#built();
    return '';
  }

  getEncryptionContext(): null {
    this.#built();
    return null;
  }

  #built(): Content {
    if (this.#content === null) throw new Error('Message has not been built');
    return this.#content;
  }

  #carried(): Attributes {
    if (this.#attributes === null) throw new Error('Message has not been built');
    return this.#attributes;
  }
}
