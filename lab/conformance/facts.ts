/**
 * Facts: everything that is compared, as labelled texts, so that two sides differ exactly where a text differs.
 *
 * Not among them, because Pulsar leaves it free (pulsar-semantics 11): interleaving across keys, lengths of runs,
 * timing, how often a blocked hash was tried. Of permits only whether there are any, and only of a consumer that does not
 * prefetch: the WebSocket API passes on one permit at a time, however many were asked for, and splits a queue between
 * the broker's own client and ours, each of which announces room by its own rule.
 */
import type { ConsumerSight, Sight } from './subject';

export type Facts = ReadonlyMap<string, string>;

/** One message as a consumer got it. */
export interface Receipt {
  readonly consumer: string;
  readonly key: string;
  readonly number: string;
  readonly redeliveryCount: number;
}

/** A text that is not the same on both sides. */
export interface Difference {
  readonly fact: string;
  readonly model: string;
  readonly broker: string;
}

const ABSENT = 'nothing';
/**
 * While nobody has room, what waits is told by no read: Pulsar may have had a read under way when the room ran out, and
 * drops what was acknowledged meanwhile at the next one.
 */
const FREE = 'not told';

/** Facts of the deliveries: per consumer and key, in order, redeliveries with their count. */
export function receiptFacts(receipts: readonly Receipt[]): Facts {
  const facts = new Map<string, string>();
  for (const { consumer, key, number, redeliveryCount } of receipts) {
    const fact = `${consumer} got of ${key}`;
    const text = redeliveryCount === 0 ? number : `${number}(+${redeliveryCount})`;
    facts.set(fact, [facts.get(fact), text].filter((part) => part !== undefined).join(' '));
  }
  return facts;
}

/** Facts of the statistics. `crisp` names the consumers that do not prefetch. */
export function sightFacts(sights: readonly Sight[], crisp: ReadonlySet<string>): Facts {
  return new Map(
    sights.flatMap((sight) => {
      const place = sight.partition === -1 ? '' : `partition ${sight.partition}, `;
      return [...subscriptionFacts(sight), ...consumersFacts(sight, crisp)].map(
        ([fact, text]) => [`${place}${fact}`, text] as const,
      );
    }),
  );
}

function subscriptionFacts({
  type,
  backlog,
  replayCount,
  activeConsumerName,
  isBlocked,
  consumers,
}: Sight): [string, string][] {
  return [
    ['backlog', String(backlog)],
    ['waiting for dispatch', consumers.some(isServed) ? String(replayCount) : FREE],
    // Without consumers Pulsar goes on to print the type and the choice of the last dispatcher.
    ['type', consumers.length === 0 ? ABSENT : type],
    ['active consumer', consumers.length === 0 ? ABSENT : (activeConsumerName ?? ABSENT)],
    ['consumers', String(consumers.length)],
    ['reads new messages', isBlocked ? 'no' : 'yes'],
  ];
}

function isServed({ permits, isBlocked }: ConsumerSight): boolean {
  return permits > 0 && !isBlocked;
}

/** Consumers of one name are told apart by their order of joining. */
function consumersFacts({ consumers }: Sight, crisp: ReadonlySet<string>): [string, string][] {
  const seen = new Map<string, number>();
  return consumers.flatMap((consumer) => {
    const { consumerName: name } = consumer;
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    const label = index === 0 ? name : `${name}, number ${index + 1} of this name,`;
    return consumerFacts(label, consumer, crisp.has(name));
  });
}

function consumerFacts(
  label: string,
  { permits, unackedCount, isBlocked: isFull, hashRanges, drainingHashes }: ConsumerSight,
  isCrisp: boolean,
): [string, string][] {
  const draining = [...drainingHashes].sort((left, right) => left.hash - right.hash);
  return [
    [`${label} holds unacknowledged`, String(unackedCount)],
    [`${label} may hold more`, isFull ? 'no' : 'yes'],
    [`${label} owns hashes`, hashRanges.map(([start, end]) => `${start}-${end}`).join(' ') || ABSENT],
    [`${label} drains`, draining.map(({ hash, unackMsgs }) => `${hash}:${unackMsgs}`).join(' ') || ABSENT],
    // What a consumer at its limit asks for is put aside, one by one over the WebSocket API.
    ...(isCrisp && !isFull ? [[`${label} has room`, permits > 0 ? 'yes' : 'no'] satisfies [string, string]] : []),
  ];
}

/** Facts of the cursors, one per partition. */
export function cursorFacts(texts: readonly string[]): Facts {
  const placeOf = (index: number): string => (texts.length === 1 ? '' : `partition ${index}, `);
  return new Map(texts.map((text, index) => [`${placeOf(index)}acknowledged`, text]));
}

export function differencesOf(model: Facts, broker: Facts): readonly Difference[] {
  const facts = [...new Set([...model.keys(), ...broker.keys()])];
  return facts.flatMap((fact) => {
    const [left, right] = [model.get(fact) ?? ABSENT, broker.get(fact) ?? ABSENT];
    return left === right ? [] : [{ fact, model: left, broker: right }];
  });
}
