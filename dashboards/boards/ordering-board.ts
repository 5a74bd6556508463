/** Ordering: where order breaks, and where it holds, on the same topic. */
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { SubscriptionType } from '../../shared/model/subscription';
import { PULSAR_SPELLING } from '../../shared/model/subscription';
import { board, type NamedBoard, panel } from './panel';
import { over, perSecond } from './query';

/** What stands side by side in the first row. */
const SIDES: readonly SubscriptionType[] = ['shared', 'key-shared'];

export function orderingBoard(): NamedBoard {
  const builder = board(
    'ordering',
    'orderlab: ordering',
    'Order and effect, seen where the streams meet: at the store.',
  );
  builder.withRow(new RowBuilder('The same topic, read with Shared and with Key_Shared'));
  for (const side of SIDES) for (const one of sidePanels(side)) builder.withPanel(one);
  builder.withRow(new RowBuilder('What the store was asked for'));
  for (const one of storePanels()) builder.withPanel(one);
  return { name: 'ordering', board: builder.build() };
}

function sidePanels(topology: SubscriptionType) {
  const name = PULSAR_SPELLING[topology];
  const order = (which: 'older' | 'repeated' | 'hole'): string =>
    perSecond('orderlab_effects_total', { topology, order: which });
  return [
    panel({
      title: `${name}: inversions`,
      description: 'Effects written over those of a later event of the same user, and effects over a hole.',
      ...{ unit: 'ops', span: 4 },
      queries: { inversions: order('older'), 'over a hole': order('hole') },
    }),
    panel({
      title: `${name}: duplicates in effect`,
      description: 'Events that changed the read model again.',
      ...{ unit: 'ops', span: 4 },
      queries: { duplicates: order('repeated') },
    }),
    panel({
      title: `${name}: lag`,
      description: 'How late the newest effect was, and how long the oldest message has been in hand.',
      ...{ unit: 's', span: 4 },
      queries: {
        lag: over('max', 'orderlab_lag_seconds', { topology }),
        'oldest in hand': over('max', 'orderlab_oldest_unacknowledged_seconds', { topology }),
      },
    }),
  ];
}

function storePanels() {
  return [
    panel({
      title: 'Effects by their place',
      description: "Next: in the user's order. Everything else is a breach or on the way to one.",
      ...{ unit: 'ops', span: 12 },
      queries: { '{{topology}} {{order}}': perSecond('orderlab_effects_total', {}, ['topology', 'order']) },
    }),
    panel({
      title: 'Duplicates absorbed',
      description:
        'Events that came again and had no effect, by what recognised them: what redelivery costs, not a breach.',
      ...{ unit: 'ops', span: 12 },
      queries: { '{{topology}} by {{by}}': perSecond('orderlab_duplicates_absorbed_total', {}, ['topology', 'by']) },
    }),
    panel({
      title: 'Derived topic: results by their place',
      description: 'As one reader of the result topic sees them: where consumers compete, nobody who publishes does.',
      ...{ unit: 'ops', span: 12 },
      queries: { '{{topology}} {{order}}': perSecond('orderlab_results_total', {}, ['topology', 'order']) },
    }),
    panel({
      title: 'Handlers that overlapped',
      description:
        'Two consumers at work on one user at the same time, by the begins and ends that they count in the store.',
      ...{ unit: 'ops', span: 12 },
      queries: { '{{topology}}': perSecond('orderlab_overlaps_total') },
    }),
    panel({
      title: 'Waiting for a predecessor',
      description: 'Deliveries that are parked now.',
      ...{ unit: 'short', span: 8 },
      queries: { '{{topology}}': over('sum', 'orderlab_parked') },
    }),
    panel({
      title: 'Kept aside',
      description: 'Messages that no event can be read from.',
      ...{ unit: 'ops', span: 8 },
      queries: { '{{topology}}': perSecond('orderlab_quarantined_total') },
    }),
    panel({
      title: 'Idempotency key against sequence',
      description: 'The key said the opposite of the sequence: a crash between two steps, or a key that expired.',
      ...{ unit: 'ops', span: 8 },
      queries: { '{{topology}}': perSecond('orderlab_marker_disagreements_total') },
    }),
  ];
}
