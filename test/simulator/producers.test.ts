/** Producers: laws of who owns a topic, and of what an outage makes of their messages (pulsar-semantics 5.3, 5.5). */
import fc from 'fast-check';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { type EmbeddedBroker, openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { ACCESS_MODES } from '../../shared/model/producer';
import type { Producer } from '../../shared/ports';
import { step } from '../../shared/simulator/broker';
import type { BrokerRequest } from '../../shared/simulator/broker-input';
import { PULSAR_DEFAULTS } from '../../shared/simulator/broker-settings';
import { type BrokerState, createBroker, hash, restore, snapshot } from '../../shared/simulator/broker-state';
import { viewProducers } from '../../shared/simulator/producer-view';

const ids = fc.integer({ min: 1, max: 5 });
/** One that waits comes for the first time here: what becomes of the epoch else has a test of its own. */
const withoutOldWaiters = (each: BrokerRequest): BrokerRequest =>
  each.kind === 'create-producer' && each.accessMode === 'wait-for-exclusive' ? { ...each, epochs: new Map() } : each;

const request: fc.Arbitrary<BrokerRequest> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('create-producer' as const),
      producerId: ids,
      topic: fc.constant('t'),
      producerName: fc.constantFrom('p', 'q', 'r'),
      accessMode: fc.constantFrom(...ACCESS_MODES),
      // As one that comes back, for one that owned the topic: which epoch it had is its own affair.
      epochs: fc.option(
        fc.nat({ max: 3 }).map((epoch) => new Map([0, 1, 2].map((partition) => [partition, epoch]))),
        { nil: new Map<number, number>() },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave-producer' as const), producerId: ids }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unload' as const, topic: 't' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const, losesAcks: true }) },
);

/** What must hold after every step, whatever came before. */
function audit(state: BrokerState, epochsBefore: readonly number[]): readonly number[] {
  const views = viewProducers(state, 't') ?? [];
  for (const { publishers, waiting } of views) {
    const owners = publishers.filter(({ accessMode }) => accessMode !== 'Shared');
    expect(owners.length === 0 || publishers.length === 1).toBe(true);
    expect(new Set(publishers.map(({ producerName }) => producerName)).size).toBe(publishers.length);
    expect(waiting.length === 0 || publishers.length > 0).toBe(true);
  }
  for (const { producers } of state.topics.get('t')?.partitions ?? []) {
    const known = [...producers.waiting.map(({ id }) => id)];
    expect(known.every((id) => state.producers.has(id))).toBe(true);
  }
  const epochs = views.map(({ topicEpoch }) => topicEpoch ?? -1);
  expect(epochs.every((epoch, index) => epoch >= (epochsBefore[index] ?? -1))).toBe(true);
  return epochs;
}

describe('who owns a topic', () => {
  it('is one, under an epoch that never falls, and nobody waits for a topic that is free', () => {
    fc.assert(
      fc.property(
        fc.array(request.map(withoutOldWaiters), { maxLength: 40 }),
        fc.constantFrom(0, 3),
        (requests, partitionCount) => {
          const state = createBroker(PULSAR_DEFAULTS);
          step(state, { kind: 'create-topic', topic: 't', partitionCount, nowMs: 0 });
          let epochs: readonly number[] = [];
          for (const each of requests) {
            step(state, { ...each, nowMs: 0 });
            epochs = audit(state, epochs);
          }
          expect(hash(restore(snapshot(state)))).toBe(hash(state));
        },
      ),
    );
  });

  it('gets a higher epoch than the one before, and keeps it when it comes back first', () => {
    const state = createBroker(PULSAR_DEFAULTS);
    const ask = (each: BrokerRequest) => step(state, { ...each, nowMs: 0 })[0];
    const create = (producerId: number, epoch?: number) =>
      ask({
        kind: 'create-producer',
        ...{ producerId, topic: 't', producerName: `p${producerId}`, accessMode: 'exclusive' },
        epochs: new Map(epoch === undefined ? [] : [[-1, epoch]]),
      });
    ask({ kind: 'create-topic', topic: 't', partitionCount: 0 });
    expect(create(1)).toMatchObject({ kind: 'producer-created', epochs: new Map([[-1, 0]]) });
    ask({ kind: 'unload', topic: 't' });
    expect(create(1, 0)).toMatchObject({ epochs: new Map([[-1, 0]]) });
    ask({ kind: 'leave-producer', producerId: 1 });
    expect(create(2)).toMatchObject({ epochs: new Map([[-1, 1]]) });
    ask({ kind: 'restart', losesAcks: true });
    expect(create(1, 0)).toMatchObject({
      ...{ kind: 'refused', code: 'PRODUCER_FENCED' },
      details: { problem: 'Topic epoch has already moved. Current epoch: 1, Producer epoch: 0' },
    });
    expect(create(2, 1)).toMatchObject({ epochs: new Map([[-1, 1]]) });
  });

  it('falls back to an old epoch when one that waited had it: nobody asks it again, as measured on 4.2.4', () => {
    const state = createBroker(PULSAR_DEFAULTS);
    const ask = (each: BrokerRequest) => step(state, { ...each, nowMs: 0 });
    const wait = (producerId: number, epochs = new Map<number, number>()) =>
      ask({
        ...{ kind: 'create-producer', producerId, topic: 't', producerName: `p${producerId}`, epochs },
        accessMode: 'wait-for-exclusive',
      });
    ask({ kind: 'create-topic', topic: 't', partitionCount: 0 });
    wait(1);
    wait(2);
    expect(ask({ kind: 'leave-producer', producerId: 1 })).toMatchObject([{ epochs: new Map([[-1, 1]]) }]);
    expect(wait(1, new Map([[-1, 0]]))).toEqual([{ kind: 'producer-waits' }]);
    expect(ask({ kind: 'leave-producer', producerId: 2 })).toMatchObject([{ epochs: new Map([[-1, 0]]) }]);
  });

  it('is named to whoever is refused, in Pulsar’s own words', async () => {
    const broker = openEmbeddedBroker({ clock: openVirtualClock() });
    await broker.createTopic('t', 0);
    const owner = await broker.createProducer('t', 'owner', { accessMode: 'exclusive' });
    const shared = broker.createProducer('t', 'p');
    await expect(shared).rejects.toThrow('Topic has an existing exclusive producer: owner');
    expect(broker.viewProducers('t')).toEqual([
      {
        ...{ partition: -1, topicEpoch: 0, waiting: [] },
        publishers: [{ producerName: 'owner', accessMode: 'Exclusive' }],
      },
    ]);
    expect(() => broker.deleteTopic('t')).toThrow(
      'Topic has 1 client connected Including 0 consumers, 1 producers, and 0 replicators.',
    );
    await owner.close();
    broker.deleteTopic('t');
    await expect(broker.createProducer('t', 'p')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
    await broker.close();
  });
});

type Outage = 'drop' | 'unload' | 'restart' | 'lose-receipts';

type Trouble =
  | { readonly kind: 'send'; readonly count: number }
  | { readonly kind: Outage }
  | { readonly kind: 'sleep'; readonly ms: number };

const troubles: fc.Arbitrary<Trouble[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom<Outage>('drop', 'unload', 'restart', 'lose-receipts') }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleep' as const), ms: fc.constantFrom(50, 100, 200) }) },
  ),
  { maxLength: 30 },
);

interface Played {
  readonly sentCount: number;
  /** Numbers of the messages, in the order of the log. */
  readonly stored: readonly number[];
  readonly receipts: readonly string[];
}

function play(commands: readonly Trouble[], deduplicationEnabled: boolean): Promise<Played> {
  const clock = openVirtualClock();
  const broker = openEmbeddedBroker({ clock, deduplicationEnabled });
  const work = async (): Promise<Played> => {
    await broker.createTopic('t', 0);
    const producer = await broker.createProducer('t', 'p');
    const sends: Promise<string>[] = [];
    for (const command of commands) await perform(broker, producer, command, sends, (ms) => clock.sleep(ms));
    const receipts = await Promise.all(sends);
    const stored: number[] = [];
    for await (const { properties } of broker.readLog('t')) stored.push(Number(properties.number));
    await broker.close();
    return { sentCount: sends.length, stored, receipts };
  };
  return clock.run(work());
}

async function perform(
  broker: EmbeddedBroker,
  producer: Producer,
  command: Trouble,
  sends: Promise<string>[],
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  if (command.kind === 'drop') broker.dropProducer(producer);
  if (command.kind === 'unload') broker.unload('t');
  if (command.kind === 'restart') broker.restart({ losesAcks: true });
  if (command.kind === 'lose-receipts') broker.loseReceipts(producer);
  if (command.kind === 'sleep') await sleep(command.ms);
  if (command.kind !== 'send') return;
  for (let count = 0; count < command.count; count += 1) {
    sends.push(producer.send({ key: 'a', payload: new Uint8Array(), properties: { number: String(sends.length) } }));
  }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('what a producer sent', () => {
  it('is stored in the order of its calls, each at least once, whatever happens to its connection', () =>
    fc.assert(
      fc.asyncProperty(troubles, async (commands) => {
        const { sentCount, stored } = await play(commands, false);
        expect([...new Set(stored)]).toEqual(range(sentCount));
      }),
    ));

  it('is stored exactly once where the topic deduplicates', () =>
    fc.assert(
      fc.asyncProperty(troubles, async (commands) => {
        const { sentCount, stored } = await play(commands, true);
        expect(stored).toEqual(range(sentCount));
      }),
    ));

  it('is doubled when the answers are lost, unless the topic deduplicates; then its receipt names no message', async () => {
    const lost: readonly Trouble[] = [
      { kind: 'send', count: 1 },
      { kind: 'lose-receipts' },
      { kind: 'send', count: 2 },
      { kind: 'sleep', ms: 50 },
      { kind: 'send', count: 1 },
    ];
    expect((await play(lost, false)).stored).toEqual([0, 1, 2, 1, 2, 3]);
    const { stored, receipts } = await play(lost, true);
    expect(stored).toEqual([0, 1, 2, 3]);
    expect(receipts.map((id) => id.startsWith('-1:-1'))).toEqual([false, true, true, false]);
  });
});
