/** Alert cases: for each alert a series that goes bad and gets well, as `promtool test rules` reads it. */
import { ALERTS, type Alert } from '../../dashboards/boards/alert';

/** Quiet for two minutes, one event every five seconds for a minute, quiet again. */
const COUNTS = '0x24 1+1x12 13x90';
/** Well for two minutes, at a minute for two, well again: in seconds. */
const SECONDS = '0x24 60x24 0x60';
const UP = '1x24 0x24 1x60';

const PROCESS = 'topology="shared",strategy="no-guard"';

/** Alert → its series. */
const SERIES: Readonly<Record<string, readonly [series: string, values: string]>> = {
  OrderBroken: [`orderlab_effects_total{${PROCESS},order="older"}`, COUNTS],
  EffectRepeated: [`orderlab_effects_total{${PROCESS},order="repeated"}`, COUNTS],
  MessageStuck: [`orderlab_oldest_unacknowledged_seconds{${PROCESS}}`, SECONDS],
  Lagging: [`orderlab_lag_seconds{${PROCESS}}`, SECONDS],
  StoreFailing: [`orderlab_store_errors_total{${PROCESS},outcome="unknown"}`, COUNTS],
  StoreWentBack: [`orderlab_store_generation{${PROCESS}}`, '1x24 2x120'],
  MessageQuarantined: [`orderlab_quarantined_total{${PROCESS}}`, COUNTS],
  MarkersDisagree: [`orderlab_marker_disagreements_total{${PROCESS}}`, COUNTS],
  SendsFailing: [`orderlab_sends_total{${PROCESS},outcome="unknown"}`, COUNTS],
  ProcessGone: ['up{job="orderlab-load",instance="load:9464"}', UP],
};
/** Added up with the series of the same case, where an expression needs both. */
const BESIDE: Readonly<Record<string, readonly [series: string, values: string]>> = {
  SendsFailing: [`orderlab_sends_total{${PROCESS},outcome="failed"}`, '0x130'],
};

/** The whole file, over rules at `rulesPath`. */
export function alertCases(rulesPath: string): object {
  return { rule_files: [rulesPath], evaluation_interval: '5s', tests: ALERTS.map(caseOf) };
}

function caseOf(alert: Alert): object {
  const alertname = `Orderlab${alert.name}`;
  const series = [SERIES[alert.name], BESIDE[alert.name]].filter((one) => one !== undefined);
  const at = (eval_time: string, fires: boolean) => ({
    eval_time,
    alertname,
    exp_alerts: fires ? [firing(alert)] : [],
  });
  return {
    interval: '5s',
    input_series: series.map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [at('1m55s', false), at('2m55s', true), at('9m', false)],
  };
}

function firing({ name, severity, summary }: Alert): object {
  const labels: Readonly<Record<string, string>> =
    name === 'ProcessGone' ? { job: 'orderlab-load', instance: 'load:9464' } : { topology: 'shared' };
  const text = summary
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '')
    .replace('{{ $value | humanizeDuration }}', '1m 0s');
  return {
    exp_labels: { severity, ...labels },
    exp_annotations: { summary: text, runbook: `docs/operations.md#${name.toLowerCase()}` },
  };
}
