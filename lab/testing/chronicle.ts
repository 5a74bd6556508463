/** The chronicle of a run: what consumers, faults and the log did, as records of the documented history format. */
import type { HistoryBody, HistoryRecord } from '../../shared/model/history';
import { invariant } from '../../shared/model/invariant';
import type { Delivery, LogEntry, OutgoingMessage } from '../../shared/model/message';
import type { Fault, Point } from '../../shared/model/plan';
import { Book } from './book';
import { HIDDEN } from './client/content';
import type { StepName } from './fault';
import type { Subject } from './subject';
import type { Stock } from './workload';

/** Carries the event's number, so that a message is known whatever its bytes are. */
const NUMBER = `${HIDDEN}number`;
const PRODUCER = 'producer';

const POINT: Readonly<Record<StepName, Point>> = {
  receive: 'before:receive',
  write: 'before:apply',
  ack: 'before:ack',
};

export class Chronicle<Event> {
  readonly book = new Book();
  readonly #topic: string;
  readonly #stock: readonly Stock<Event>[];
  /** Message ids that were acknowledged by anybody. */
  readonly acknowledged = new Set<string>();
  readonly #numberById = new Map<string, number>();
  /** Grows with whatever moves. */
  progress = 0;

  constructor(topic: string, stock: readonly Stock<Event>[]) {
    this.#topic = topic;
    this.#stock = stock;
  }

  /** The message of an event. */
  messageOf(stock: Stock<Event>): OutgoingMessage {
    const number = String(this.#stock.indexOf(stock));
    return { key: stock.user, payload: stock.payload, properties: { [NUMBER]: number } };
  }

  supervisor(body: HistoryBody): void {
    this.book.record('supervisor', body);
  }

  publishing(stock: Stock<Event>): (messageId: string) => void {
    const { id: eventId, user, sequence } = stock;
    const facts = { stream: 'Pub', producer: PRODUCER, topic: this.#topic, eventId, user, sequence } as const;
    this.book.record(PRODUCER, { ...facts, type: 'invoke' });
    return (messageId) => {
      this.#numberById.set(messageId, this.#stock.indexOf(stock));
      this.book.record(PRODUCER, { ...facts, type: 'return', outcome: 'ok', messageId });
    };
  }

  received(consumer: string, delivery: Delivery): void {
    this.progress += 1;
    const stock = this.#known(delivery);
    if (stock === null) return;
    const { partition, redeliveryCount } = delivery;
    const facts = { topic: this.#topic, partition, redeliveryCount, eventId: stock.id, digest: stock.digest };
    this.book.record(consumer, { ...delOf(consumer, delivery, stock), type: 'received', ...facts });
  }

  acknowledging(consumer: string, delivery: Delivery): void {
    this.#step(consumer, delivery, 'ack-intended');
  }

  acknowledgedBy(consumer: string, delivery: Delivery): void {
    this.progress += 1;
    this.acknowledged.add(delivery.messageId);
    this.#step(consumer, delivery, 'ack-confirmed');
  }

  givenBack(consumer: string, delivery: Delivery): void {
    this.#step(consumer, delivery, 'nack-intended');
  }

  cause(type: 'join' | 'leave' | 'crash', consumer: string): void {
    this.progress += 1;
    this.supervisor({ stream: 'Cause', type, consumer });
  }

  struck(fault: Fault['kind'], subject: Subject | null, step: StepName | null, delivery: Delivery | null): void {
    const stock = delivery && this.#known(delivery);
    const { user = null, sequence = null } = stock ?? {};
    const consumer = subject?.incarnation ?? null;
    const at = step && POINT[step];
    this.supervisor({ stream: 'Fault', type: 'struck', fault, at, consumer, user, sequence });
  }

  logged(entry: LogEntry): void {
    const { messageId, partition, position, key } = entry;
    const stock = this.#known(entry);
    const place = { topic: this.#topic, partition, position, messageId, key };
    const fact =
      stock === null
        ? { event: null, digest: 0, reason: 'foreign' }
        : { event: stock.logged, digest: stock.digest, reason: null };
    this.book.record('log', { stream: 'Log', type: 'entry', ...place, ...fact });
  }

  /** Where messages carry no number of the kit's: the producer was told each id. */
  loggedById(entry: LogEntry): void {
    const number = this.#numberById.get(entry.messageId);
    const properties = number === undefined ? {} : { [NUMBER]: String(number) };
    this.logged({ ...entry, properties });
  }

  /** The user's events in the order in which the journal says that they took effect; names are sequences or event ids. */
  journalled(user: string, names: readonly unknown[]): void {
    const own = this.#stock.filter((stock) => stock.user === user);
    let version = 0;
    for (const name of names) {
      const stock = own.find(({ id, sequence }) => String(name) === id || String(name) === String(sequence));
      invariant(stock !== undefined, `journal: user ${user} has no event ${String(name)}: name sequences or event ids`);
      const { id: eventId, sequence, digest } = stock;
      const change = {
        versionBefore: version,
        versionAfter: Math.max(version, sequence),
        changedModel: true,
        chain: 0,
      };
      version = change.versionAfter;
      this.book.record('store', {
        stream: 'Eff',
        type: 'effect',
        user,
        eventId,
        sequence,
        ...change,
        owner: 'store',
        digest,
      });
    }
  }

  get records(): readonly HistoryRecord[] {
    return this.book.records;
  }

  #step(consumer: string, delivery: Delivery, type: 'ack-intended' | 'ack-confirmed' | 'nack-intended'): void {
    const stock = this.#known(delivery);
    if (stock !== null) this.book.record(consumer, { ...delOf(consumer, delivery, stock), type });
  }

  /** null: a message that the kit did not publish. */
  #known({ properties }: Pick<Delivery, 'properties'>): Stock<Event> | null {
    const number = properties[NUMBER];
    return number === undefined ? null : (this.#stock[Number(number)] ?? null);
  }
}

function delOf(consumer: string, { messageId }: Delivery, { user, sequence }: Stock<unknown>) {
  return { stream: 'Del', consumer, messageId, user, sequence } as const;
}
