/** The contract of producers that want a topic for themselves: who is refused, who waits, who is cut off. */
import { setTimeout as pause } from 'node:timers/promises';
import { OrderlabError } from '../../shared/errors';
import type { AccessMode } from '../../shared/model/producer';
import type { Broker, Producer } from '../../shared/ports';
import { until } from '../support/until';

export interface ProducerBench {
  readonly broker: Broker;
  /** Everybody is disconnected and comes back. */
  unload(topic: string): Promise<void> | void;
}

/** Two clients of one broker, so that no connection is shared. No promise takes longer than the deadline to come true. */
export function describeProducers(
  name: string,
  open: () => Promise<readonly [ProducerBench, ProducerBench]>,
  deadlineMs: number,
) {
  describe(`producers ${name}`, () => {
    let benches: readonly [ProducerBench, ProducerBench];
    let topic = '';
    let topicCount = 0;
    beforeEach(async () => {
      benches = await open();
      topicCount += 1;
      topic = `owned-${process.pid}-${topicCount}`;
      await benches[0].broker.createTopic(topic, 0);
    });
    afterEach(async () => {
      for (const { broker } of benches) await broker.close();
    });

    /** By the one client or the other. */
    const create = (client: 0 | 1, producerName: string, accessMode: AccessMode): Promise<Producer> =>
      benches[client].broker.createProducer(topic, producerName, { accessMode });
    const send = (producer: Producer, text: string): Promise<string> =>
      producer.send({ key: 'a', payload: new Uint8Array(), properties: { text } });
    const stored = async (): Promise<string[]> => {
      const texts: string[] = [];
      for await (const { properties } of benches[0].broker.readLog(topic)) texts.push(properties.text ?? '');
      return texts;
    };
    const busy = { code: 'PRODUCER_BUSY', outcome: 'definite' };

    it(
      'share a topic under different names, and a name is free again when its producer is closed',
      async () => {
        const first = await create(0, 'p', 'shared');
        await expect(create(1, 'p', 'shared')).rejects.toMatchObject(busy);
        await send(await create(1, 'q', 'shared'), '1');
        await first.close();
        await send(await create(1, 'p', 'shared'), '2');
        expect(await stored()).toEqual(['1', '2']);
      },
      2 * deadlineMs,
    );

    it(
      'are alone, or refused: exclusive',
      async () => {
        const shared = await create(0, 'shared', 'shared');
        await expect(create(1, 'owner', 'exclusive')).rejects.toMatchObject(busy);
        await shared.close();
        const owner = await create(1, 'owner', 'exclusive');
        await expect(create(0, 'shared', 'shared')).rejects.toMatchObject(busy);
        await expect(create(0, 'other', 'exclusive')).rejects.toMatchObject(busy);
        await send(owner, '1');
        await owner.close();
        await send(await create(0, 'shared', 'shared'), '2');
        expect(await stored()).toEqual(['1', '2']);
      },
      2 * deadlineMs,
    );

    it(
      'wait until they are alone, one after the other: wait-for-exclusive',
      async () => {
        const [one, two] = [await create(0, 'one', 'shared'), await create(0, 'two', 'shared')];
        const came: string[] = [];
        const wait = async (producerName: string): Promise<Producer> => {
          const producer = await create(1, producerName, 'wait-for-exclusive');
          came.push(producerName);
          return producer;
        };
        const first = wait('first');
        // The broker knows of one that waits when it refuses another that would share.
        await until('one waits', () => create(0, 'probe', 'shared').then(closed, isBusy), deadlineMs);
        const second = wait('second');
        await one.close();
        await send(two, '1');
        expect(came).toEqual([]);
        await two.close();
        await send(await first, '2');
        expect(came).toEqual(['first']);
        await (await first).close();
        await send(await second, '3');
        expect(await stored()).toEqual(['1', '2', '3']);
      },
      2 * deadlineMs,
    );

    it(
      'cut off whoever is there: exclusive-with-fencing',
      async () => {
        const former = await create(0, 'former', 'exclusive');
        await send(former, '1');
        const owner = await create(1, 'owner', 'exclusive-with-fencing');
        await send(owner, '2');
        const fenced = { code: 'PRODUCER_FENCED', outcome: 'unknown' };
        await expect(send(former, 'too late')).rejects.toMatchObject(fenced);
        await expect(send(former, 'once more')).rejects.toBeInstanceOf(OrderlabError);
        await send(owner, '3');
        expect(await stored()).toEqual(['1', '2', '3']);
      },
      2 * deadlineMs,
    );

    it(
      'fence each other in turn: a former owner that fences disturbs, and does not come back',
      async () => {
        const former = await create(0, 'former', 'exclusive-with-fencing');
        const owner = await create(1, 'owner', 'exclusive-with-fencing');
        await expect(send(former, 'too late')).rejects.toMatchObject({ code: 'PRODUCER_FENCED' });
        await send(owner, '1');
        await send(owner, '2');
        expect(await stored()).toEqual(['1', '2']);
      },
      2 * deadlineMs,
    );

    it(
      'that shared and were cut off come back when the topic is free, with what waited',
      async () => {
        const shared = await create(0, 'shared', 'shared');
        const owner = await create(1, 'owner', 'exclusive-with-fencing');
        const late = send(shared, '2');
        await send(owner, '1');
        await owner.close();
        await late;
        expect(await stored()).toEqual(['1', '2']);
      },
      2 * deadlineMs,
    );

    it(
      'own their topic over an unload',
      async () => {
        const owner = await create(0, 'owner', 'exclusive');
        await send(owner, '1');
        await benches[0].unload(topic);
        await send(owner, '2');
        await expect(create(1, 'other', 'exclusive')).rejects.toMatchObject(busy);
        expect(await stored()).toEqual(['1', '2']);
      },
      2 * deadlineMs,
    );
  });
}

async function closed(producer: Producer): Promise<boolean> {
  await producer.close();
  await pause(1);
  return false;
}

function isBusy(thrown: unknown): boolean {
  if (thrown instanceof OrderlabError && thrown.code === 'PRODUCER_BUSY') return true;
  throw thrown;
}
