/** Panels and boards in the one look that they share. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DashboardBuilder, DatasourceVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Chosen by whoever imports the board: a Grafana may have several. */
const DATASOURCE = { type: 'prometheus', uid: '$datasource' };
const HEIGHT = 7;
/** Grafana's grid is 24 wide. */
export type Span = 4 | 6 | 8 | 12 | 24;

export interface PanelOptions {
  readonly title: string;
  /** One sentence: what it means when it moves. */
  readonly description: string;
  /** Grafana's name: `s`, `ops`, `short`. */
  readonly unit: 's' | 'ops' | 'short';
  readonly span: Span;
  /** Legend → query. */
  readonly queries: Readonly<Record<string, string>>;
}

export function panel({ title, description, unit, span, queries }: PanelOptions): PanelBuilder {
  const builder = new PanelBuilder().title(title).description(description).unit(unit).min(0).span(span).height(HEIGHT);
  builder.datasource(DATASOURCE);
  for (const [index, [legend, expression]] of Object.entries(queries).entries()) {
    const refId = String.fromCharCode('A'.charCodeAt(0) + index);
    builder.withTarget(
      new DataqueryBuilder().refId(refId).datasource(DATASOURCE).expr(expression).legendFormat(legend),
    );
  }
  return builder;
}

/** A board without panels yet. `name` is its file and its uid. */
export function board(name: string, title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(`orderlab-${name}`)
    .description(description)
    .tags(['orderlab', 'generated'])
    .refresh('5s')
    .time({ from: 'now-15m', to: 'now' })
    .timezone('browser')
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
}

/** A finished board and the file that it stands in. */
export interface NamedBoard {
  readonly name: string;
  readonly board: Dashboard;
}
