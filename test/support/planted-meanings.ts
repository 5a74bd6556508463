/** Planted anomalies of meaning: what one fact told twice does to a read model that takes each event for news, and the right way. */
import { eventOf, type HeaderChoice, type HistoryBuilder } from './history-builder';
import type { WritePiece } from './planted-write-side';

const A = 'm1#1';

/** A fourth event that says what the first one said, under an id of its own. */
function toldAgain(builder: HistoryBuilder): HistoryBuilder {
  builder.join(A).publish('ann', 1, 2, 3).handled(A, 'ann', 1, 2, 3);
  return builder.publishEvent({ ...eventOf('ann', 1), id: 'ann-4', sequence: 4 }).received(A, 'ann', 4);
}

export const MEANING_PIECES: readonly (WritePiece & { readonly header: HeaderChoice })[] = [
  {
    ...{ name: 'x2-same-meaning', roots: ['X2'], how: 'same-meaning', consequences: ['X18'] },
    header: { context: { listensTo: null, unlistened: 'advance', identity: 'meaning' } },
    valid: (builder) => toldAgain(builder).applied(A, 'ann', 4, true, true).acked(A, 'ann', 4),
    invalid: (builder) => toldAgain(builder).applied(A, 'ann', 4).acked(A, 'ann', 4),
  },
];
