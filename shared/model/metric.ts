/**
 * Metrics: what the running lab counts. One table of everything that a scrape can show.
 *
 * Labels come from closed sets, so that the number of series is known before the first event: never a user id, an event
 * id or an error's text. `topology` and `strategy` stand on every series of a process (see PROCESS_LABELS).
 */
import type { StoreOperationName, StoreOutcome } from './action';
import { EFFECT_ORDERS } from './effect-order';
import { STRATEGY_NAMES } from './strategy';
import { SUBSCRIPTION_TYPES } from './subscription';

/** Counters of one run, kept in memory beside whatever is scraped: a summary and the end of a run are read off them. */
export type MeterName =
  | 'published'
  | 'delivered'
  | 'applied'
  | 'absorbed'
  | 'parked'
  | 'quarantined'
  | 'marker-disagreements';

const OPERATIONS: readonly StoreOperationName[] = [
  ...(['apply', 'check-marker', 'claim-marker', 'set-marker'] as const),
  ...(['begin-handler', 'end-handler', 'quarantine'] as const),
];
const OUTCOMES: readonly StoreOutcome[] = [
  ...(['applied', 'duplicate', 'stale', 'gap', 'conflict', 'present', 'absent', 'noted', 'overlapped'] as const),
];

/** Label → its values, all of them. */
type LabelSets = Readonly<Record<string, readonly string[]>>;

type MetricUnit =
  | 'events'
  | 'messages'
  | 'calls'
  | 'consumers'
  | 'connections'
  | 'handlers'
  | 'hashes'
  | 'seconds'
  | 'events/s'
  | 'generations';

interface MetricRow {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** What one is. Times are seconds, as Prometheus has them. */
  readonly unit: MetricUnit;
  readonly labels: LabelSets;
  /** Of a gauge: what is shown of several processes of one run is the largest. Default: the sum, as of everything else. */
  readonly across?: 'max';
}

export const METRICS = {
  orderlab_sends_total: {
    kind: 'counter',
    help: 'Sends that ended: stored by the broker, failed for certain, or unknown.',
    unit: 'events',
    labels: { outcome: ['stored', 'failed', 'unknown'] },
  },
  orderlab_send_lateness_seconds: {
    kind: 'histogram',
    help: 'From the time at which an event was meant to be sent to its send: the clock error of the load generator.',
    unit: 'seconds',
    labels: {},
  },
  orderlab_send_latency_seconds: {
    kind: 'histogram',
    help: 'From the time at which an event was meant to be sent to the answer that it is stored.',
    unit: 'seconds',
    labels: {},
  },
  orderlab_load_rate: {
    kind: 'gauge',
    help: 'Events per second that the load generator was asked for; 0 without one.',
    unit: 'events/s',
    labels: {},
  },
  orderlab_deliveries_total: {
    kind: 'counter',
    help: 'Messages received, by what the broker says of them: first, or counted as a redelivery (nack, time-out).',
    unit: 'messages',
    labels: { redelivery: ['first', 'counted'] },
  },
  orderlab_acknowledgements_total: {
    kind: 'counter',
    help: 'Messages acknowledged, and messages given back (nack).',
    unit: 'messages',
    labels: { kind: ['ack', 'nack'] },
  },
  orderlab_effects_total: {
    kind: 'counter',
    help: "Effects by their place in the user's order: next, hole (over a gap), older (an inversion), repeated.",
    unit: 'events',
    labels: { order: EFFECT_ORDERS },
  },
  orderlab_overlaps_total: {
    kind: 'counter',
    help: 'Handlers that ended after another consumer had begun on the same user: where overlap is witnessed.',
    unit: 'handlers',
    labels: {},
  },
  orderlab_results_total: {
    kind: 'counter',
    help: 'Entries of the derived topic by their place after the one before of the same user, as one reader sees them.',
    unit: 'events',
    labels: { order: EFFECT_ORDERS },
  },
  orderlab_effect_latency_seconds: {
    kind: 'histogram',
    help: 'From the time at which an event was meant to be sent to its effect.',
    unit: 'seconds',
    labels: {},
  },
  orderlab_duplicates_absorbed_total: {
    kind: 'counter',
    help: 'Events that came again and had no effect, by what recognised them.',
    unit: 'events',
    labels: { by: ['sequence', 'marker'] },
  },
  orderlab_marker_disagreements_total: {
    kind: 'counter',
    help: 'Effects where the idempotency key said the opposite of the sequence.',
    unit: 'events',
    labels: {},
  },
  orderlab_parked: {
    kind: 'gauge',
    help: 'Deliveries that wait now, for a predecessor or after a failure.',
    unit: 'messages',
    labels: {},
  },
  orderlab_quarantined_total: {
    kind: 'counter',
    help: 'Messages kept aside because no event can be read from them.',
    unit: 'messages',
    labels: {},
  },
  orderlab_store_calls_total: {
    kind: 'counter',
    help: 'Store calls that were answered.',
    unit: 'calls',
    labels: { operation: OPERATIONS, outcome: OUTCOMES },
  },
  orderlab_store_call_seconds: {
    kind: 'histogram',
    help: 'From a store call to its answer.',
    unit: 'seconds',
    labels: {},
  },
  orderlab_store_errors_total: {
    kind: 'counter',
    help: 'Store calls that failed: for certain, or with an unknown outcome.',
    unit: 'calls',
    labels: { outcome: ['definite', 'unknown'] },
  },
  orderlab_store_generation: {
    kind: 'gauge',
    help: 'Raised when the store may have gone back in time: a restart that forgot, another server, a flush.',
    unit: 'generations',
    labels: {},
    across: 'max',
  },
  orderlab_reconnects_total: {
    kind: 'counter',
    help: 'Connections that were lost and stand again.',
    unit: 'connections',
    labels: { to: ['broker', 'store'] },
  },
  orderlab_audit_repairs_total: {
    kind: 'counter',
    help: 'Events that a comparison of heads found missing in the read model, and applied.',
    unit: 'events',
    labels: {},
  },
  orderlab_consumers: {
    kind: 'gauge',
    help: 'Consumers of this process that are connected.',
    unit: 'consumers',
    labels: {},
  },
  orderlab_unacknowledged: {
    kind: 'gauge',
    help: 'Messages received and not yet acknowledged or given back.',
    unit: 'messages',
    labels: {},
  },
  orderlab_oldest_unacknowledged_seconds: {
    kind: 'gauge',
    help: 'How long the oldest of them has been in hand; 0 when there is none.',
    unit: 'seconds',
    labels: {},
    across: 'max',
  },
  orderlab_backlog: {
    kind: 'gauge',
    help: "The broker's own figure: entries of the subscription that are not acknowledged.",
    unit: 'messages',
    labels: {},
    across: 'max',
  },
  orderlab_broker_unacknowledged: {
    kind: 'gauge',
    help: "The broker's own figure: messages that consumers of the subscription hold. 0 on Exclusive and Failover.",
    unit: 'messages',
    labels: {},
    across: 'max',
  },
  orderlab_draining_hashes: {
    kind: 'gauge',
    help: "The broker's own figure: sticky hashes that wait until their former consumer has acknowledged.",
    unit: 'hashes',
    labels: {},
    across: 'max',
  },
  orderlab_lag_seconds: {
    kind: 'gauge',
    help: 'How late the newest effect was against the time at which its event was meant to be sent; 0 without backlog.',
    unit: 'seconds',
    labels: {},
    across: 'max',
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** How the gauges of several processes become one. */
export function acrossOf(name: MetricName): 'sum' | 'max' {
  const row: MetricRow = METRICS[name];
  return row.across ?? 'sum';
}

export type MetricName = keyof typeof METRICS;

/** Names of one kind. */
export type MetricNameOf<Kind extends MetricRow['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

/** What has to be said to pick one series of a metric. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof (typeof METRICS)[Name]['labels']]: (typeof METRICS)[Name]['labels'][Label] extends readonly (infer Value extends
    string)[]
    ? Value
    : never;
};

/** Labels that every series of a process carries: they tell two read sides of one topic apart. */
export const PROCESS_LABELS = { topology: SUBSCRIPTION_TYPES, strategy: STRATEGY_NAMES } as const;
export type ProcessLabels = {
  readonly [Label in keyof typeof PROCESS_LABELS]: (typeof PROCESS_LABELS)[Label][number];
};

/**
 * Upper bounds of every histogram's buckets, in seconds: from a store in the same process to a backlog that takes a
 * minute. A scrape can tell latencies apart within a factor of 2.5; the load report has the exact percentiles.
 */
export const LATENCY_BOUNDS_SECONDS: readonly number[] = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
];
