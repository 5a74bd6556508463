/** Written: the files that are checked in beside the code that they are made from. */
import { stringify } from 'yaml';
import { ALERTS, alertRules } from './alert';
import { loadBoard } from './load-board';
import { operationsBoard } from './operations-board';
import { orderingBoard } from './ordering-board';

export const BOARDS = [orderingBoard(), loadBoard(), operationsBoard()];

const MADE_FROM =
  '# Made from dashboards/boards/alert.ts: `ORDERLAB_UPDATE=1 npx jest test/dashboards` writes it anew.\n';

/** Name in dashboards/ → text. */
export function writtenFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...BOARDS.map(({ name, board }) => [`${name}.json`, `${JSON.stringify(board, null, 2)}\n`] as const),
    ['alerts.yml', `${MADE_FROM}${stringify(alertRules(ALERTS), { lineWidth: 0 })}`] as const,
  ]);
}
