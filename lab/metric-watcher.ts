/** Metric watcher: what passes at the ports of this process, into the sheet that is scraped. */
import type { PortWatcher } from '../consumers/observed-ports';
import type { Buckets, Cell, MetricSheet } from '../shared/adapters/prometheus-sheet';
import type { StoreAnswer, StoreOperation, StoreOperationName, StoreOutcome } from '../shared/model/action';
import { EFFECT_ORDERS, type EffectOrder, effectOrder } from '../shared/model/effect-order';
import { unreachable } from '../shared/model/invariant';
import { METRICS } from '../shared/model/metric';
import type { Clock } from '../shared/ports';
import type { Gauges, News, Watcher } from './watcher';

const SECOND_MS = 1_000;

/** Everything that is told moves a number of the sheet; what is asked for is asked once a second, or at the scrape. */
export function metricWatcher(sheet: MetricSheet, clock: Clock): Watcher {
  const holdings = new Set<Holding>();
  const lag = sheet.gauge('orderlab_lag_seconds', {});
  const effects = new EffectCells(sheet, clock);
  sheet.beforeScrape(() => countHeld(sheet, holdings, clock.nowMs()));
  const lateness = sheet.histogram('orderlab_send_lateness_seconds');
  const sendLatency = sheet.histogram('orderlab_send_latency_seconds');
  const sends = {
    stored: sheet.counter('orderlab_sends_total', { outcome: 'stored' }),
    failed: sheet.counter('orderlab_sends_total', { outcome: 'failed' }),
    unknown: sheet.counter('orderlab_sends_total', { outcome: 'unknown' }),
  };
  const since = (atMs: number): number => Math.max(0, clock.nowMs() - atMs) / SECOND_MS;
  return {
    sent: ({ intendedAt }) => lateness.add(since(intendedAt)),
    settled: ({ intendedAt }, outcome) => {
      sends[outcome].value += 1;
      if (outcome === 'stored') sendLatency.add(since(intendedAt));
    },
    watcherOf: () => {
      const holding: Holding = new Map();
      holdings.add(holding);
      return portWatcher(sheet, clock, holding, effects);
    },
    ticked: ({ backlog, unackedCount, drainingHashCount, parkedCount, storeGeneration }: Gauges) => {
      sheet.gauge('orderlab_broker_unacknowledged', {}).value = unackedCount;
      sheet.gauge('orderlab_draining_hashes', {}).value = drainingHashCount;
      sheet.gauge('orderlab_store_generation', {}).value = storeGeneration;
      sheet.gauge('orderlab_backlog', {}).value = backlog;
      sheet.gauge('orderlab_parked', {}).value = parkedCount;
      lag.value = backlog === 0 ? 0 : effects.newestLatencyS;
    },
    heard: (news) => count(sheet, news),
  };
}

function count(sheet: MetricSheet, news: News): void {
  switch (news.kind) {
    case 'reconnected':
      sheet.counter('orderlab_reconnects_total', { to: news.to }).value += 1;
      return;
    case 'repaired':
      sheet.counter('orderlab_audit_repairs_total', {}).value += news.eventCount;
      return;
    case 'result':
      sheet.counter('orderlab_results_total', { order: news.order }).value += 1;
      return;
    default:
      unreachable(news, 'news');
  }
}

/** What one consumer holds: message id → since when, oldest first, as a Map keeps it. */
type Holding = Map<string, number>;

function countHeld(sheet: MetricSheet, holdings: ReadonlySet<Holding>, nowMs: number): void {
  let count = 0;
  let oldestMs = nowMs;
  for (const holding of holdings) {
    count += holding.size;
    for (const sinceMs of holding.values()) {
      oldestMs = Math.min(oldestMs, sinceMs);
      break;
    }
  }
  sheet.gauge('orderlab_consumers', {}).value = holdings.size;
  sheet.gauge('orderlab_unacknowledged', {}).value = count;
  sheet.gauge('orderlab_oldest_unacknowledged_seconds', {}).value = (nowMs - oldestMs) / SECOND_MS;
}

function portWatcher(sheet: MetricSheet, clock: Clock, holding: Holding, effects: EffectCells): PortWatcher {
  const first = sheet.counter('orderlab_deliveries_total', { redelivery: 'first' });
  const counted = sheet.counter('orderlab_deliveries_total', { redelivery: 'counted' });
  const settled = {
    ack: sheet.counter('orderlab_acknowledgements_total', { kind: 'ack' }),
    nack: sheet.counter('orderlab_acknowledgements_total', { kind: 'nack' }),
  };
  const errors = {
    definite: sheet.counter('orderlab_store_errors_total', { outcome: 'definite' }),
    unknown: sheet.counter('orderlab_store_errors_total', { outcome: 'unknown' }),
  };
  return {
    received: ({ messageId, redeliveryCount }) => {
      (redeliveryCount > 0 ? counted : first).value += 1;
      holding.set(messageId, clock.nowMs());
    },
    settled: (messageId, kind) => {
      settled[kind].value += 1;
      holding.delete(messageId);
    },
    answered: (operation, answer, elapsedMs) => effects.answered(operation, answer, elapsedMs),
    failed: (_operation, outcome) => {
      errors[outcome].value += 1;
    },
  };
}

/** What the store's answers say: effects in their order, what was absorbed, how long it took. */
class EffectCells {
  /** How late the newest effect was, in seconds. */
  newestLatencyS = 0;
  private readonly calls = new Map<StoreOperationName, ReadonlyMap<StoreOutcome, Cell>>();
  private readonly orders = new Map<EffectOrder, Cell>();
  private readonly latency: Buckets;
  private readonly callSeconds: Buckets;
  private readonly absorbed: Readonly<Record<'sequence' | 'marker', Cell>>;
  private readonly quarantined: Cell;
  private readonly disagreements: Cell;
  private readonly overlaps: Cell;

  constructor(
    sheet: MetricSheet,
    private readonly clock: Clock,
  ) {
    const { operation: operations, outcome: outcomes } = METRICS.orderlab_store_calls_total.labels;
    for (const operation of operations) {
      const cells = outcomes.map(
        (outcome) => [outcome, sheet.counter('orderlab_store_calls_total', { operation, outcome })] as const,
      );
      this.calls.set(operation, new Map(cells));
    }
    for (const order of EFFECT_ORDERS) this.orders.set(order, sheet.counter('orderlab_effects_total', { order }));
    this.latency = sheet.histogram('orderlab_effect_latency_seconds');
    this.callSeconds = sheet.histogram('orderlab_store_call_seconds');
    this.absorbed = {
      sequence: sheet.counter('orderlab_duplicates_absorbed_total', { by: 'sequence' }),
      marker: sheet.counter('orderlab_duplicates_absorbed_total', { by: 'marker' }),
    };
    this.quarantined = sheet.counter('orderlab_quarantined_total', {});
    this.disagreements = sheet.counter('orderlab_marker_disagreements_total', {});
    this.overlaps = sheet.counter('orderlab_overlaps_total', {});
  }

  answered(operation: StoreOperation, answer: StoreAnswer, elapsedMs: number): void {
    add(this.calls.get(operation.name)?.get(answer.outcome));
    this.callSeconds.add(elapsedMs / SECOND_MS);
    if (operation.name === 'quarantine') add(this.quarantined);
    if (answer.outcome === 'overlapped') add(this.overlaps);
    const recognisedBy = absorbedBy(operation, answer);
    if (recognisedBy !== null) add(this.absorbed[recognisedBy]);
    if (operation.name !== 'apply' || !('version' in answer)) return;
    if (operation.setsMarker && isDisagreement(answer)) add(this.disagreements);
    if (answer.outcome !== 'applied') return;
    const { sequence, intendedAt } = operation.event;
    add(this.orders.get(effectOrder(sequence, answer.version)));
    this.newestLatencyS = Math.max(0, this.clock.nowMs() - intendedAt) / SECOND_MS;
    this.latency.add(this.newestLatencyS);
  }
}

/** What recognised an event that came again; null: it did not, or the answer is about something else. */
export function absorbedBy(operation: StoreOperation, { outcome }: StoreAnswer): 'sequence' | 'marker' | null {
  switch (operation.name) {
    case 'apply':
      if (outcome !== 'duplicate' && outcome !== 'stale') return null;
      return operation.guard === 'marker' ? 'marker' : 'sequence';
    case 'check-marker':
    case 'claim-marker':
      return outcome === 'present' ? 'marker' : null;
    default:
      return null;
  }
}

/** The sequence decides; a marker that says otherwise is worth a count (X9 or X10). */
function isDisagreement({ outcome, markerPresent }: Extract<StoreAnswer, { readonly version: number }>): boolean {
  return (outcome === 'applied' && markerPresent) || (outcome === 'duplicate' && !markerPresent);
}

function add(cell: Cell | undefined): void {
  if (cell !== undefined) cell.value += 1;
}
