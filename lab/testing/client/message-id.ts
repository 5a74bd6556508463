/** Message ids of the drop-in: printed, serialized and compared as those of the native client. */
import type { SeekTarget } from '../../../shared/adapters/embedded-broker-consumer';
import {
  decodeMessageId,
  encodeMessageId,
  type PulsarMessageId,
  parseMessageId,
  printMessageId,
} from '../../../shared/adapters/pulsar-message-id';
import { invariant } from '../../../shared/model/invariant';

/** As the C++ client writes the two ends of a log. */
const EARLIEST: PulsarMessageId = { ledgerId: -1, entryId: -1, partition: -1 };
const LATEST: PulsarMessageId = { ledgerId: 2 ** 62, entryId: 2 ** 62, partition: -1 };
const LATEST_TEXT = '(9223372036854775807,9223372036854775807,-1,-1)';

export class MessageId {
  /** Ours alone: the place in the log. */
  readonly #place: PulsarMessageId;

  /** One that nobody asked for names no message: ids come from messages and from the functions below. */
  constructor(place: PulsarMessageId = EARLIEST) {
    this.#place = place;
  }

  static earliest(): MessageId {
    return new MessageId(EARLIEST);
  }

  static latest(): MessageId {
    return new MessageId(LATEST);
  }

  static deserialize(data: Buffer): MessageId {
    if (!Buffer.isBuffer(data)) throw new Error('Expected buffer as first argument');
    const place = decodeMessageId(data.toString('base64'));
    if (place === null) throw new Error('Failed to parse serialized message id');
    return new MessageId(place);
  }

  /** Of `ledger:entry:partition`. */
  static of(messageId: string): MessageId {
    const place = parseMessageId(messageId);
    invariant(place !== null, 'the broker prints ids that can be read');
    return new MessageId(place);
  }

  serialize(): Buffer {
    return Buffer.from(encodeMessageId(this.#place), 'base64');
  }

  toString(): string {
    const { ledgerId, entryId, partition } = this.#place;
    return this.isLatest ? LATEST_TEXT : `(${ledgerId},${entryId},${partition},-1)`;
  }

  /** `ledger:entry:partition`, as the port prints it. */
  get printed(): string {
    return printMessageId(this.#place);
  }

  /** Where to go on behind it. */
  get asTarget(): SeekTarget {
    if (this.isEarliest) return 'earliest';
    return this.isLatest ? 'latest' : { after: this.printed };
  }

  get isEarliest(): boolean {
    return this.#place.ledgerId < 0;
  }

  get isLatest(): boolean {
    return this.#place.ledgerId >= LATEST.ledgerId;
  }

  /** Whether it stands before the entry of that printed id, in the same log. */
  isBefore(printed: string): boolean {
    const other = parseMessageId(printed);
    invariant(other !== null, 'the broker prints ids that can be read');
    const { ledgerId, entryId } = this.#place;
    return ledgerId < other.ledgerId || (ledgerId === other.ledgerId && entryId < other.entryId);
  }
}
