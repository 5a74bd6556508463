/** Operations: what whoever is on call looks at first. */
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { board, type NamedBoard, panel } from './panel';
import { over, perSecond, quantile } from './query';

export function operationsBoard(): NamedBoard {
  const builder = board(
    'operations',
    'orderlab: operations',
    'Backlog, consumers and the store; docs/operations.md says what to do.',
  );
  builder.withRow(new RowBuilder('Is it keeping up?'));
  for (const one of backlogPanels()) builder.withPanel(one);
  builder.withRow(new RowBuilder('Is anything failing?'));
  for (const one of failurePanels()) builder.withPanel(one);
  return { name: 'operations', board: builder.build() };
}

function backlogPanels() {
  return [
    panel({
      title: 'Backlog, as the broker counts it',
      description: 'Entries of the subscription that nobody has acknowledged.',
      ...{ unit: 'short', span: 8 },
      queries: { '{{topology}}': over('max', 'orderlab_backlog') },
    }),
    panel({
      title: 'In hand',
      description:
        'Messages received and not yet acknowledged. The broker counts those that wait in a client too: the rest of its figure.',
      ...{ unit: 'short', span: 8 },
      queries: {
        '{{topology}} consumers': over('sum', 'orderlab_unacknowledged'),
        '{{topology}} broker': over('max', 'orderlab_broker_unacknowledged'),
      },
    }),
    panel({
      title: 'Consumers',
      description: 'Consumers that live in the scraped processes.',
      ...{ unit: 'short', span: 8 },
      queries: { '{{topology}}': over('sum', 'orderlab_consumers') },
    }),
    panel({
      title: 'Age of the oldest message in hand',
      description: 'Rises in a straight line when a consumer hangs.',
      ...{ unit: 's', span: 8 },
      queries: { '{{topology}}': over('max', 'orderlab_oldest_unacknowledged_seconds') },
    }),
    panel({
      title: 'Lag',
      description: 'How late the newest effect was; 0 without backlog.',
      ...{ unit: 's', span: 8 },
      queries: { '{{topology}}': over('max', 'orderlab_lag_seconds') },
    }),
    panel({
      title: 'Draining hashes, as the broker counts them',
      description: 'Keys that changed hands and wait until the former consumer has acknowledged. It falls back to 0.',
      ...{ unit: 'short', span: 8 },
      queries: { '{{topology}}': over('max', 'orderlab_draining_hashes') },
    }),
  ];
}

function failurePanels() {
  return [
    panel({
      title: 'Store calls',
      description: 'By operation and answer.',
      ...{ unit: 'ops', span: 8 },
      queries: { '{{operation}} {{outcome}}': perSecond('orderlab_store_calls_total', {}, ['operation', 'outcome']) },
    }),
    panel({
      title: 'Store call latency',
      description: 'From the call to its answer.',
      ...{ unit: 's', span: 8 },
      queries: {
        '{{topology}} p50': quantile(0.5, 'orderlab_store_call_seconds'),
        '{{topology}} p99': quantile(0.99, 'orderlab_store_call_seconds'),
      },
    }),
    panel({
      title: 'Store errors',
      description: 'Definite: it did not happen. Unknown: it may have, and the same call is made again.',
      ...{ unit: 'ops', span: 8 },
      queries: { '{{topology}} {{outcome}}': perSecond('orderlab_store_errors_total', {}, ['topology', 'outcome']) },
    }),
    panel({
      title: 'Store generation',
      description: 'A step says that the store may have forgotten writes: compare heads.',
      ...{ unit: 'short', span: 8 },
      queries: { '{{topology}}': over('max', 'orderlab_store_generation') },
    }),
    panel({
      title: 'Redeliveries',
      description: 'Messages that the broker counts as delivered before, and messages given back.',
      ...{ unit: 'ops', span: 8 },
      queries: {
        '{{topology}} counted again': perSecond('orderlab_deliveries_total', { redelivery: 'counted' }),
        '{{topology}} given back': perSecond('orderlab_acknowledgements_total', { kind: 'nack' }),
      },
    }),
    panel({
      title: 'Connections that came back',
      description: 'Each was lost before. What was in hand then comes again.',
      ...{ unit: 'ops', span: 12 },
      queries: { '{{topology}} {{to}}': perSecond('orderlab_reconnects_total', {}, ['topology', 'to']) },
    }),
    panel({
      title: 'Repaired by an audit',
      description: 'Events that the read model had lost and a comparison of heads applied again.',
      ...{ unit: 'ops', span: 12 },
      queries: { '{{topology}}': perSecond('orderlab_audit_repairs_total') },
    }),
    panel({
      title: 'Acknowledged',
      description: 'Messages that the broker may forget.',
      ...{ unit: 'ops', span: 8 },
      queries: { '{{topology}}': perSecond('orderlab_acknowledgements_total', { kind: 'ack' }) },
    }),
  ];
}
