/** `orderlab explain`: from red to cause, as a drawing. */
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { requireHeader } from './command-check';
import type { ReplayFlags } from './live/live-command';
import { judgeRun } from './run';
import type { Terminal } from './terminal';
import { timelineOf } from './timeline-of';

export function registerExplain(program: Command, terminal: Terminal): void {
  program
    .command('explain')
    .description('draw the smallest witness of a run: a lane per consumer, cause first')
    .argument('<path>', 'a run folder, or a history file')
    .option('--user <id>', 'the story of this user instead')
    .option('--live', 'walk through it on a local web page: step, play, and jump to the next event that was swapped')
    .option('--port <n>', 'with --live: port of the page on 127.0.0.1, 0 for one that is free', '0')
    .option('--rate <n>', 'with --live: steps per second while it plays', '8')
    .action((path: string, flags: ExplainFlags, command: Command) => explain(path, flags, command, terminal));
}

interface ExplainFlags extends ReplayFlags {
  readonly live?: boolean;
}

async function explain(path: string, flags: ExplainFlags, command: Command, terminal: Terminal): Promise<void> {
  requireHeader(path);
  if (flags.live === true) return showReplay(path, flags, terminal);
  const misplaced = ['port', 'rate'].find((name) => command.getOptionValueSource(name) === 'cli');
  if (misplaced !== undefined) throw new OrderlabError('USAGE', { problem: `--${misplaced} needs --live` });
  terminal.print(timelineOf(path, judgeRun(path), flags.user ?? null));
}

/** Loading the HTTP server takes a tenth of a second, so only who watches does. */
function showReplay(path: string, flags: ReplayFlags, terminal: Terminal): Promise<void> {
  const { explainLive } = require('./live/live-command') as typeof import('./live/live-command');
  return explainLive(path, flags, terminal);
}
