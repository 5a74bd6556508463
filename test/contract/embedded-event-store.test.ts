import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { OUTBOX_COUNT_MAX, RELAY } from '../../shared/model/append';
import { GRANT_COUNT_MAX } from '../../shared/model/authority';
import { append, grantEpoch, moveCursor, openEventStoreState } from '../../shared/simulator/event-store';
import { creation, describeEventStore } from './event-store-contract';
import { describeIncarnation } from './event-store-incarnation-contract';

describeEventStore('embedded', async () => {
  let nowMs = 1_000;
  const clock = { nowMs: () => nowMs, sleep: () => Promise.reject(new Error('the event store never sleeps')) };
  return {
    store: openEmbeddedEventStore(clock),
    passMs: async (ms) => {
      nowMs += ms;
    },
  };
});

describeIncarnation('embedded', async () => {
  const clock = { nowMs: () => 1_000, sleep: () => Promise.reject(new Error('the event store never sleeps')) };
  const store = openEmbeddedEventStore(clock, { guardsIncarnation: true, keepsLog: true });
  return { store, restart: async (keptShare) => store.restart(keptShare) };
});

it('refuses when as much as may wait for the relay does, and takes more once the relay has moved on', () => {
  const state = openEventStoreState();
  append(state, creation('ada'), 0);
  /** As if the rest had been appended too: a place in the log costs nothing to skip. */
  state.log.length = OUTBOX_COUNT_MAX;
  expect(append(state, creation('bob'), 0)).toEqual({ outcome: 'outbox-full' });
  moveCursor(state, RELAY, 1);
  expect(append(state, creation('bob'), 0)).toEqual({ outcome: 'appended', sequence: 1 });
});

it('remembers as many grants as may be, the latest ones, and forgets no epoch', () => {
  const state = openEventStoreState();
  for (let count = 0; count <= GRANT_COUNT_MAX; count += 1) grantEpoch(state, 's1', 'w1');
  expect(state.grants).toHaveLength(GRANT_COUNT_MAX);
  expect(state.grants[0]).toMatchObject({ epoch: 2 });
  expect(grantEpoch(state, 's1', 'w2')).toBe(GRANT_COUNT_MAX + 2);
});
