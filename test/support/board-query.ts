/** Queries of a board, as Grafana would send them. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/** The texts of all queries of all panels. */
export function queriesOf(board: Dashboard): readonly string[] {
  return (board.panels ?? []).flatMap((panel) => {
    if (!('targets' in panel)) return [];
    const targets: readonly object[] = panel.targets ?? [];
    return targets.flatMap((target) => ('expr' in target && typeof target.expr === 'string' ? [target.expr] : []));
  });
}

/** With the window that Grafana would have put in. */
export function withWindow(query: string, seconds: number): string {
  return query.replaceAll('$__rate_interval', `${seconds}s`);
}
