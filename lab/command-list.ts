/** `orderlab list`: what there is, from the registries themselves. */
import { Argument, type Command } from 'commander';
import { STRATEGIES } from '../consumers/strategies/index';
import { ERRORS } from '../shared/errors';
import { ANOMALY_CLASSES } from '../shared/model/anomaly';
import { needsOf } from '../shared/model/need';
import { STRATEGY_NAMES } from '../shared/model/strategy';
import { SCENARIOS } from '../shared/scenarios/registry';
import type { Terminal } from './terminal';
import { NEED_OPTIONS } from './world-needs';

const KINDS = ['scenarios', 'strategies', 'anomalies', 'errors'] as const;
type Kind = (typeof KINDS)[number];

interface Row {
  readonly name: string;
  readonly text: string;
}

export function registerList(program: Command, terminal: Terminal): void {
  program
    .command('list')
    .description('list scenarios, strategies, anomalies or errors')
    .addArgument(new Argument('<kind>', 'what to list').choices(KINDS))
    .option('--json', 'print one JSON array and nothing else')
    .action((kind: Kind, { json }: { readonly json?: boolean }) => {
      const rows = ROWS[kind]();
      if (json === true) return terminal.print(JSON.stringify(rows));
      const width = Math.max(...rows.map(({ name }) => name.length));
      for (const { name, text } of rows) terminal.print(`${name.padEnd(width)}  ${text}`);
    });
}

const ROWS: Readonly<Record<Kind, () => readonly Row[]>> = {
  scenarios: () =>
    SCENARIOS.map(({ name, paragraph, plan, expected }) => {
      const roots = expected.roots.length > 0 ? ` (${expected.roots.join(', ')})` : '';
      const needs = needsOf(plan.faults).map((need) => ` [${NEED_OPTIONS[need]}]`);
      return { name, text: `${expected.status}${roots}: ${firstSentence(paragraph)}${needs.join('')}` };
    }),
  strategies: () => STRATEGY_NAMES.map((name) => ({ name, text: STRATEGIES[name].summary })),
  anomalies: () =>
    Object.values(ANOMALY_CLASSES).map(({ id, name, plain, definition }) => ({
      name: id,
      text: `${plain} (${name}): ${definition}`,
    })),
  errors: () =>
    Object.entries(ERRORS).map(([name, { message, exitCode, outcome }]) => ({
      name,
      text: `exit ${exitCode}, outcome ${outcome}: ${message}`,
    })),
};

function firstSentence(paragraph: string): string {
  return /^.*?[.:](?= |$)/.exec(paragraph)?.[0] ?? paragraph;
}
