/** `orderlab explain`: from red to cause, as a drawing. */
import type { Command } from 'commander';
import { requireHeader } from './command-check';
import { judgeRun } from './run';
import type { Terminal } from './terminal';
import { timelineOf } from './timeline-of';

export function registerExplain(program: Command, terminal: Terminal): void {
  program
    .command('explain')
    .description('draw the smallest witness of a run: a lane per consumer, cause first')
    .argument('<path>', 'a run folder, or a history file')
    .option('--user <id>', 'the story of this user instead')
    .action((path: string, { user }: { readonly user?: string }) => {
      requireHeader(path);
      terminal.print(timelineOf(path, judgeRun(path), user ?? null));
    });
}
