/** Load: what was asked for, what came of it, and how late it was. */
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { MetricNameOf } from '../../shared/model/metric';
import { board, type NamedBoard, panel } from './panel';
import { over, perSecond, quantile } from './query';

export function loadBoard(): NamedBoard {
  const builder = board(
    'load',
    'orderlab: load',
    'An open-loop load: latencies begin when an event was meant to be sent.',
  );
  builder.withRow(new RowBuilder('Rate'));
  for (const one of ratePanels()) builder.withPanel(one);
  builder.withRow(new RowBuilder('Latency, from the intended time'));
  for (const one of latencyPanels()) builder.withPanel(one);
  return { name: 'load', board: builder.build() };
}

function ratePanels() {
  return [
    panel({
      title: 'Asked, sent, with effect',
      description: 'Where they part, the system or the generator cannot keep up.',
      ...{ unit: 'ops', span: 12 },
      queries: {
        '{{topology}} asked': over('sum', 'orderlab_load_rate'),
        '{{topology}} stored': perSecond('orderlab_sends_total', { outcome: 'stored' }),
        '{{topology}} effects': perSecond('orderlab_effects_total'),
      },
    }),
    panel({
      title: 'Sends that failed or are unknown',
      description: 'Unknown: the broker may have stored it. Only the log can tell.',
      ...{ unit: 'ops', span: 12 },
      queries: {
        '{{topology}} failed': perSecond('orderlab_sends_total', { outcome: 'failed' }),
        '{{topology}} unknown': perSecond('orderlab_sends_total', { outcome: 'unknown' }),
      },
    }),
  ];
}

function latencyPanels() {
  return [
    latency('Until the effect', 'What a reader of the model waits.', 'orderlab_effect_latency_seconds'),
    latency('Until it is stored', 'What a producer waits.', 'orderlab_send_latency_seconds'),
    latency(
      'Until the send',
      "The generator's own error: above a few milliseconds the load is not the one that was asked for.",
      'orderlab_send_lateness_seconds',
    ),
  ];
}

function latency(title: string, description: string, name: MetricNameOf<'histogram'>) {
  const queries = { '{{topology}} p50': quantile(0.5, name), '{{topology}} p99': quantile(0.99, name) };
  return panel({ title, description, unit: 's', span: 8, queries });
}
