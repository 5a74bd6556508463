/** `orderlab check`: judges a history that is already there, ours or somebody's capture. */

import type { Command } from 'commander';
import { readHistory } from '../shared/adapters/history-files';
import { OrderlabError } from '../shared/errors';
import { EXIT_BY_VERDICT } from './exit-code';
import { verdictLines } from './report';
import { judgeRun } from './run';
import type { Terminal } from './terminal';

export function registerCheck(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .description('judge the history of a run folder or a .jsonl file again')
    .argument('<path>', 'a run folder, or a history file')
    .option('--json', 'print one JSON object and nothing else')
    .action((path: string, { json }: { readonly json?: boolean }) => {
      requireHeader(path);
      const verdict = judgeRun(path);
      if (json === true) terminal.print(JSON.stringify({ ...verdict, verdict: verdict.status }));
      else for (const line of verdictLines(verdict)) terminal.print(line);
      process.exitCode = EXIT_BY_VERDICT[verdict.status];
    });
}

/** The header is among the first records; without one nothing says what the run claims. */
export function requireHeader(path: string): void {
  for (const record of readHistory(path)) if (record.stream === 'Run' && record.type === 'header') return;
  throw new OrderlabError('HISTORY_WITHOUT_HEADER', { path });
}
