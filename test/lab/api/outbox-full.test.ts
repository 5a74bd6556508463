/** Back-pressure: who cannot be published is not accepted, and hears when to come again; nothing of it is lost. */
import { openVirtualClock } from '../../../lab/conformance/virtual-clock';
import { RELAY_PAGE_COUNT_MAX, runRelay } from '../../../producers/relay';
import { openEmbeddedEventStore } from '../../../shared/adapters/embedded-event-store';
import { systemClock } from '../../../shared/adapters/system-clock';
import { OUTBOX_COUNT_MAX, RELAY } from '../../../shared/model/append';
import { creation } from '../../contract/event-store-contract';
import { ApiBench } from '../../support/api-bench';

/** Several pages of a relay. */
const LEFT_COUNT = 2 * RELAY_PAGE_COUNT_MAX + 1;

it('a command that finds the outbox full is refused with 503 and Retry-After, and is accepted once when there is room', async () => {
  const store = openEmbeddedEventStore(systemClock);
  for (let index = 0; index < OUTBOX_COUNT_MAX; index += 1) await store.append(creation(`u-${index}`));
  const bench = await ApiBench.open({ store });
  const create = () => bench.post('/users/ada/create', { name: 'Ada', email: 'ada@example.org' });
  try {
    const refused = await create();
    expect(refused).toMatchObject({ status: 503, body: { code: 'OUTBOX_FULL', outcome: 'definite' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    /** A relay has published nearly all of it, and died. */
    const publishedCount = OUTBOX_COUNT_MAX - LEFT_COUNT;
    await store.moveCursor(RELAY, publishedCount);
    let sentCount = publishedCount;
    const clock = openVirtualClock();
    const relay = () =>
      runRelay({
        ...{ store, producerName: 'r1', topic: 'users', clock, stop: { stopping: true } },
        producer: { send: async () => `1:${++sentCount}:-1`, close: async () => {} },
        ...{ recorder: { record: () => {} }, meter: { count: () => {} } },
      });
    await clock.run(relay());
    const accepted = await Promise.all([create(), create(), create()]);
    expect(accepted.map(({ status, body }) => [status, body.sequence])).toEqual(Array(3).fill([202, 1]));
    await clock.run(relay());
    expect([sentCount, await store.cursorOf(RELAY)]).toEqual([OUTBOX_COUNT_MAX + 1, OUTBOX_COUNT_MAX + 1]);
  } finally {
    await bench.close();
  }
});
