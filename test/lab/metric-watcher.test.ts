/** What passes at the ports, as somebody who scrapes sees it. */

import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { metricWatcher } from '../../lab/metric-watcher';
import { type MetricSheet, openMetricSheet } from '../../shared/adapters/prometheus-sheet';
import type { StoreAnswer, StoreOperation } from '../../shared/model/action';
import { effectOrder } from '../../shared/model/effect-order';
import type { UserEvent } from '../../shared/model/event';
import { loadVirtually } from '../support/load-run';
import { credits } from '../support/user-event';

const clock = openVirtualClock(10_000);
let sheet: MetricSheet;
beforeEach(() => {
  sheet = openMetricSheet({ topology: 'shared', strategy: 'no-guard' });
});

/** The value of a series, by name and some of its labels. */
async function scraped(name: string, labels = ''): Promise<number> {
  const lines = (await sheet.text()).split('\n').filter((line) => line.startsWith(name) && line.includes(labels));
  return Number(lines[0]?.split(' ').at(-1));
}

function applying(event: UserEvent, guard: 'none' | 'marker' | 'next' = 'none', setsMarker = false): StoreOperation {
  return { name: 'apply', event, digest: 1, guard, setsMarker, markerTtlMs: null, changesModel: true, owner: 'c1#1' };
}

const answer = (
  outcome: 'applied' | 'duplicate' | 'stale' | 'gap',
  version: number,
  markerPresent = false,
): StoreAnswer => ({
  ...{ outcome, version, markerPresent },
});

it('names the place of an effect by the version before it', () => {
  expect([effectOrder(3, 2), effectOrder(3, 3), effectOrder(3, 4), effectOrder(3, 1), effectOrder(1, 0)]).toEqual([
    ...['next', 'repeated', 'older', 'hole', 'next'],
  ]);
});

it('sees 1, 3 at one consumer and 2, 4 at another go out of order, where each by itself ascends', async () => {
  const watcher = metricWatcher(sheet, clock);
  const [one, two] = [watcher.watcherOf('c1#1'), watcher.watcherOf('c2#1')];
  const [e1, e2, e3, e4] = credits(4, 1) as [UserEvent, UserEvent, UserEvent, UserEvent];
  two.answered(applying(e2), answer('applied', 0), 1);
  one.answered(applying(e1), answer('applied', 2), 1);
  two.answered(applying(e4), answer('applied', 1), 1);
  one.answered(applying(e3), answer('applied', 4), 1);
  expect(await scraped('orderlab_effects_total', 'order="older"')).toBe(2);
  expect(await scraped('orderlab_effects_total', 'order="hole"')).toBe(2);
  expect(await scraped('orderlab_effects_total', 'order="next"')).toBe(0);
  expect(await scraped('orderlab_effect_latency_seconds_count')).toBe(4);
});

it('says what recognised an event that came again', async () => {
  const port = metricWatcher(sheet, clock).watcherOf('c1#1');
  const [event] = credits(1, 1) as [UserEvent];
  port.answered(applying(event, 'next'), answer('duplicate', 1), 1);
  port.answered(applying(event, 'marker'), answer('duplicate', 1, true), 1);
  port.answered({ name: 'check-marker', user: 'u-0', eventId: 'e-0' }, { outcome: 'present' }, 1);
  expect(await scraped('orderlab_duplicates_absorbed_total', 'by="sequence"')).toBe(1);
  expect(await scraped('orderlab_duplicates_absorbed_total', 'by="marker"')).toBe(2);
});

it('counts a marker that says the opposite of the sequence, where markers are set at all', async () => {
  const port = metricWatcher(sheet, clock).watcherOf('c1#1');
  const [event] = credits(1, 1) as [UserEvent];
  port.answered(applying(event, 'next', true), answer('duplicate', 1, false), 1);
  port.answered(applying(event, 'next', true), answer('applied', 0, true), 1);
  port.answered(applying(event, 'next', true), answer('duplicate', 1, true), 1);
  port.answered(applying(event, 'next', false), answer('duplicate', 1, false), 1);
  expect(await scraped('orderlab_marker_disagreements_total')).toBe(2);
});

it('shows what is in hand and how old it is, until it is settled', async () => {
  const port = metricWatcher(sheet, clock).watcherOf('c1#1');
  const delivery = {
    topic: 'users',
    partition: -1,
    key: 'ada',
    payload: new Uint8Array(),
    properties: {},
    redeliveryCount: 0,
  };
  port.received({ ...delivery, messageId: '1:0:-1' });
  await clock.run(clock.sleep(2_000));
  port.received({ ...delivery, messageId: '1:1:-1', redeliveryCount: 1 });
  expect(await scraped('orderlab_unacknowledged')).toBe(2);
  expect(await scraped('orderlab_oldest_unacknowledged_seconds')).toBe(2);
  port.settled('1:0:-1', 'ack');
  port.settled('1:1:-1', 'nack');
  expect(await scraped('orderlab_unacknowledged')).toBe(0);
  expect(await scraped('orderlab_oldest_unacknowledged_seconds')).toBe(0);
  expect(await scraped('orderlab_deliveries_total', 'redelivery="counted"')).toBe(1);
  expect(await scraped('orderlab_acknowledgements_total', 'kind="nack"')).toBe(1);
});

it('counts failed store calls by what is known of them', async () => {
  const port = metricWatcher(sheet, clock).watcherOf('c1#1');
  port.failed({ name: 'end-handler', user: 'ada', owner: 'c1#1' }, 'unknown');
  expect(await scraped('orderlab_store_errors_total', 'outcome="unknown"')).toBe(1);
});

it('shows the figures of the broker beside those of its consumers', async () => {
  const held = { backlog: 7, unackedCount: 5, drainingHashCount: 2 };
  metricWatcher(sheet, clock).ticked({ ...held, inHandCount: 3, parkedCount: 1, storeGeneration: 2 });
  expect(await scraped('orderlab_backlog')).toBe(7);
  expect(await scraped('orderlab_broker_unacknowledged')).toBe(5);
  expect(await scraped('orderlab_draining_hashes')).toBe(2);
  expect(await scraped('orderlab_parked')).toBe(1);
  expect(await scraped('orderlab_store_generation')).toBe(2);
});

it('counts what passes at no port: connections that came back, repairs, results by their place', async () => {
  const watcher = metricWatcher(sheet, clock);
  for (const to of ['broker', 'store', 'store'] as const) watcher.heard({ kind: 'reconnected', to });
  watcher.heard({ kind: 'repaired', eventCount: 4 });
  for (const order of ['next', 'older', 'older'] as const) watcher.heard({ kind: 'result', order });
  expect(await scraped('orderlab_reconnects_total', 'to="broker"')).toBe(1);
  expect(await scraped('orderlab_reconnects_total', 'to="store"')).toBe(2);
  expect(await scraped('orderlab_audit_repairs_total')).toBe(4);
  expect(await scraped('orderlab_results_total', 'order="older"')).toBe(2);
});

it('counts a handler during which another consumer began on the same user', async () => {
  const port = metricWatcher(sheet, clock).watcherOf('c1#1');
  port.answered({ name: 'end-handler', user: 'ada', owner: 'c1#1' }, { outcome: 'noted' }, 1);
  port.answered({ name: 'end-handler', user: 'ada', owner: 'c1#1' }, { outcome: 'overlapped' }, 1);
  expect(await scraped('orderlab_overlaps_total')).toBe(1);
});

it('has as many series after 100,000 users as before the first', async () => {
  const seriesCount = async (): Promise<number> => (await sheet.text()).split('\n').length;
  const before = await seriesCount();
  const watcher = metricWatcher(sheet, clock);
  const port = watcher.watcherOf('c1#1');
  for (const event of credits(100_000, 100_000)) {
    const delivery = { topic: 'users', partition: -1, key: event.user, payload: new Uint8Array(), properties: {} };
    port.received({ ...delivery, messageId: event.id, redeliveryCount: 0 });
    port.answered(applying(event), answer('applied', 0), 1);
    port.settled(event.id, 'ack');
    watcher.settled(event, 'stored');
    watcher.heard({ kind: 'result', order: 'next' });
  }
  expect(await seriesCount()).toBe(before);
  expect(await scraped('orderlab_effects_total', 'order="next"')).toBe(100_000);
});

it('shows a whole load as its report does', async () => {
  const watcher = metricWatcher(sheet, clock);
  const { counts } = await loadVirtually(
    { rate: '200', duration: '2', users: '20', topology: 'shared', strategy: 'no-guard', slowHandlers: '3:20' },
    { watcher },
  );
  expect(counts.swapped).toBeGreaterThan(0);
  expect(await scraped('orderlab_effects_total', 'order="older"')).toBeGreaterThanOrEqual(counts.swapped / 2);
  expect(await scraped('orderlab_sends_total', 'outcome="stored"')).toBe(counts.stored);
  expect(await scraped('orderlab_acknowledgements_total', 'kind="ack"')).toBe(counts.applied);
  expect(await scraped('orderlab_consumers')).toBe(4);
});
