/** The derived topic as its one reader sees it, over the embedded broker in virtual time. */

import { openVirtualClock, type VirtualClock } from '../../lab/conformance/virtual-clock';
import { prepareResultTopic, ResultOrder, ResultWatch } from '../../lab/result-watch';
import { type EmbeddedBroker, openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import type { EffectOrder } from '../../shared/model/effect-order';
import { encodeEvent } from '../../shared/wire';
import { credits } from '../support/user-event';

const TOPIC = 'results';

interface Stage {
  readonly clock: VirtualClock;
  readonly broker: EmbeddedBroker;
  readonly seen: { readonly name: string; readonly order: EffectOrder }[];
  publish(...sequences: readonly number[]): Promise<void>;
  watch(name: string): ResultWatch;
}

async function openStage(): Promise<Stage> {
  const clock = openVirtualClock();
  const broker = openEmbeddedBroker({ clock });
  await prepareResultTopic(broker, TOPIC);
  const producer = await broker.createProducer(TOPIC, 'p');
  const events = credits(9, 1);
  const seen: Stage['seen'] = [];
  return {
    ...{ clock, broker, seen },
    publish: async (...sequences) => {
      for (const sequence of sequences) {
        const event = events[sequence - 1];
        if (event === undefined) throw new Error(`there is no event ${sequence}`);
        await producer.send({ key: event.user, payload: encodeEvent(event), properties: {} });
      }
    },
    watch: (name) => {
      const onResult = (order: EffectOrder) => void seen.push({ name, order });
      const watch = new ResultWatch({ broker, topic: TOPIC, name, clock, onResult });
      watch.start();
      return watch;
    },
  };
}

const ordersOf = ({ seen }: Stage) => seen.map(({ order }) => order);

it('sees 3, 2 and 5, 4 swapped where each of the two that published them saw its own ascend', async () => {
  const stage = await openStage();
  const watch = stage.watch('w1');
  await stage.publish(1, 3, 2, 5, 4);
  await stage.clock.run(stage.clock.sleep(1_000));
  expect(ordersOf(stage)).toEqual(['next', 'hole', 'older', 'hole', 'older']);
  await watch.close();
});

it('finds nothing in a topic that is in order, and tells a repeated result from a swapped one', async () => {
  const stage = await openStage();
  const watch = stage.watch('w1');
  await stage.publish(1, 2, 3, 3);
  await stage.clock.run(stage.clock.sleep(1_000));
  expect(ordersOf(stage)).toEqual(['next', 'next', 'next', 'repeated']);
  await watch.close();
});

it('is one of those who watch: the others stand by, and go on behind it when it ends', async () => {
  const stage = await openStage();
  const first = stage.watch('w1');
  await stage.clock.run(stage.clock.sleep(1_000));
  const second = stage.watch('w2');
  await stage.publish(1, 2);
  await stage.clock.run(stage.clock.sleep(2_000));
  await first.close();
  await stage.publish(3, 4);
  await stage.clock.run(stage.clock.sleep(2_000));
  expect(stage.seen.map(({ name }) => name)).toEqual(['w1', 'w1', 'w2', 'w2']);
  await second.close();
});

it('comes back after an outage of the broker, and reads what it did not acknowledge', async () => {
  const stage = await openStage();
  const watch = stage.watch('w1');
  await stage.publish(1);
  await stage.clock.run(stage.clock.sleep(1_000));
  stage.broker.restart({ losesAcks: false });
  await stage.clock.run(stage.publish(2));
  await stage.clock.run(stage.clock.sleep(3_000));
  expect(ordersOf(stage)).toEqual(['next', 'next']);
  await watch.close();
});

it('passes over what no event can be read from', async () => {
  const stage = await openStage();
  const watch = stage.watch('w1');
  const producer = await stage.broker.createProducer(TOPIC, 'stranger');
  await producer.send({ key: 'ada', payload: new TextEncoder().encode('?'), properties: {} });
  await stage.publish(1);
  await stage.clock.run(stage.clock.sleep(1_000));
  expect(ordersOf(stage)).toEqual(['next']);
  await watch.close();
});

it('forgets the user that was silent for longest, and judges the next result of it by itself', () => {
  const order = new ResultOrder(2);
  expect([order.after('ada', 1), order.after('bob', 1), order.after('ada', 2), order.after('eve', 1)]).toEqual(
    Array(4).fill('next'),
  );
  expect([order.after('bob', 7), order.after('eve', 1), order.after('bob', 6)]).toEqual(['next', 'repeated', 'older']);
});
