/** Alerts: when somebody has to look. Each has an entry in docs/operations.md, which says what it means and what mends it. */
import { over, perSecond, select } from './query';

export interface Alert {
  /** Also the heading of its entry in docs/operations.md. */
  readonly name: string;
  readonly expression: string;
  /** How long it has to last before somebody is called. */
  readonly lastsSeconds: number;
  /** page: somebody gets up. ticket: it can wait until the morning. */
  readonly severity: 'page' | 'ticket';
  /** One sentence, with Prometheus's own placeholders. */
  readonly summary: string;
}

/** What has happened once stays visible for this long. */
const RECENTLY = '2m';
const SOON_SECONDS = 30;

const recent = (rate: string): string => `${rate} > 0`;

export const ALERTS: readonly Alert[] = [
  {
    name: 'OrderBroken',
    expression: recent(perSecond('orderlab_effects_total', { order: 'older' }, ['topology'], RECENTLY)),
    ...{ lastsSeconds: 0, severity: 'page' },
    summary: 'Events of one user took effect out of order ({{ $labels.topology }})',
  },
  {
    name: 'EffectRepeated',
    expression: recent(perSecond('orderlab_effects_total', { order: 'repeated' }, ['topology'], RECENTLY)),
    ...{ lastsSeconds: 0, severity: 'page' },
    summary: 'An event changed the read model twice ({{ $labels.topology }})',
  },
  {
    name: 'MessageStuck',
    expression: `${over('max', 'orderlab_oldest_unacknowledged_seconds')} > 30`,
    ...{ lastsSeconds: SOON_SECONDS, severity: 'page' },
    summary: 'A message has been in hand for {{ $value | humanizeDuration }} ({{ $labels.topology }})',
  },
  {
    name: 'Lagging',
    expression: `${over('max', 'orderlab_lag_seconds')} > 10`,
    ...{ lastsSeconds: SOON_SECONDS, severity: 'ticket' },
    summary: 'Effects are {{ $value | humanizeDuration }} late ({{ $labels.topology }})',
  },
  {
    name: 'StoreFailing',
    expression: recent(perSecond('orderlab_store_errors_total', {}, ['topology'], RECENTLY)),
    ...{ lastsSeconds: SOON_SECONDS, severity: 'page' },
    summary: 'Calls of the store fail ({{ $labels.topology }})',
  },
  {
    name: 'StoreWentBack',
    expression: `max by (topology) (changes(${select('orderlab_store_generation')}[${RECENTLY}])) > 0`,
    ...{ lastsSeconds: 0, severity: 'page' },
    summary: 'The store may have forgotten writes ({{ $labels.topology }})',
  },
  {
    name: 'MessageQuarantined',
    expression: recent(perSecond('orderlab_quarantined_total', {}, ['topology'], RECENTLY)),
    ...{ lastsSeconds: 0, severity: 'ticket' },
    summary: 'A message was kept aside because no event can be read from it ({{ $labels.topology }})',
  },
  {
    name: 'MarkersDisagree',
    expression: recent(perSecond('orderlab_marker_disagreements_total', {}, ['topology'], RECENTLY)),
    ...{ lastsSeconds: 0, severity: 'ticket' },
    summary: 'Idempotency keys and sequences say different things ({{ $labels.topology }})',
  },
  {
    name: 'SendsFailing',
    expression: recent(
      `${perSecond('orderlab_sends_total', { outcome: 'failed' }, ['topology'], RECENTLY)} + ${perSecond('orderlab_sends_total', { outcome: 'unknown' }, ['topology'], RECENTLY)}`,
    ),
    ...{ lastsSeconds: 0, severity: 'page' },
    summary: 'Events were not stored, or nobody knows whether they were ({{ $labels.topology }})',
  },
  {
    name: 'ProcessGone',
    expression: 'up{job=~"orderlab-.*"} == 0',
    ...{ lastsSeconds: SOON_SECONDS, severity: 'page' },
    summary: '{{ $labels.instance }} does not answer',
  },
];

/** As Prometheus reads rules. */
export function alertRules(alerts: readonly Alert[]): object {
  const rules = alerts.map(({ name, expression, lastsSeconds, severity, summary }) => ({
    alert: `Orderlab${name}`,
    expr: expression,
    ...(lastsSeconds > 0 ? { for: `${lastsSeconds}s` } : {}),
    labels: { severity },
    annotations: { summary, runbook: `docs/operations.md#${name.toLowerCase()}` },
  }));
  return { groups: [{ name: 'orderlab', rules }] };
}
