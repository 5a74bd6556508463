/** `orderlab demo` (= npm start): see a user go out of order, see the design that keeps it, see it on a real stream. */
import type { Command } from 'commander';
import { readHistory } from '../shared/adapters/history-files';
import { systemClock } from '../shared/adapters/system-clock';
import { scenarioPlan } from '../shared/config';
import { OrderlabError } from '../shared/errors';
import type { Plan } from '../shared/model/plan';
import { competingConsumers } from '../shared/scenarios/competing-consumers';
import { competingConsumersNaive } from '../shared/scenarios/competing-consumers-naive';
import { ON_FIRST_CONSUMER } from '../shared/scenarios/few-users';
import { projector } from '../shared/scenarios/projector';
import { EXIT_BY_VERDICT } from './exit-code';
import { differences } from './expectation';
import { onInterrupt } from './interrupt';
import type { LiveFlags } from './live/live-command';
import { freshSeed, type RunReport, run } from './run';
import { runFolderName } from './run-folder';
import type { Terminal } from './terminal';

export function registerDemo(program: Command, terminal: Terminal): void {
  program
    .command('demo')
    .description('see order break on Shared, hold on Key_Shared, and hold on a real stream under a kill (= npm start)')
    .option('--seed <seed>', 'replays the same runs')
    .option('--live', 'watch Shared beside Key_Shared on a local web page, and kill, pause, add and remove consumers')
    .option('--port <n>', 'with --live: port of the page on 127.0.0.1, 0 for one that is free', '0')
    .option('--rate <n>', 'with --live: events per second on each side', '8')
    .option('--duration <seconds>', 'with --live: how long the load lasts', '60')
    .option('--consumers <n>', 'with --live: consumers of each side at the beginning', '2')
    .action((flags: DemoFlags, command: Command) => startDemo(flags, command, terminal));
}

interface DemoFlags extends LiveFlags {
  readonly live?: boolean;
}

/** What would be ignored without a word is refused. */
async function startDemo(flags: DemoFlags, command: Command, terminal: Terminal): Promise<void> {
  if (flags.live === true) return showLive(flags, terminal);
  const misplaced = ['port', 'rate', 'duration', 'consumers'].find(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (misplaced !== undefined) throw new OrderlabError('USAGE', { problem: `--${misplaced} needs --live` });
  return demo(flags.seed ?? freshSeed(), terminal);
}

/** Loading the HTTP server takes a tenth of a second, so only who watches does. */
function showLive(flags: LiveFlags, terminal: Terminal): Promise<void> {
  const { demoLive } = require('./live/live-command') as typeof import('./live/live-command');
  return demoLive(flags, terminal);
}

async function demo(seed: string, terminal: Terminal): Promise<void> {
  const { print } = terminal;
  print(`orderlab demo, seed ${seed}`);
  const parts = [
    await showCompetition(terminal, seed, competingConsumersNaive, 'Shared subscription'),
    await showCompetition(terminal, seed, competingConsumers, 'Key_Shared subscription'),
    await showStream(terminal, seed),
  ];
  const broken = parts[0]?.report.runFolder ?? 'RUN_FOLDER';
  print('');
  print('Next:');
  print(`  npx orderlab explain ${broken}`);
  print('  npx orderlab run --trace etcd --consumers 4 --kill-one');
  print('  npx orderlab run --topology shared --strategy no-guard --trace etcd');
  print('  npx orderlab list scenarios');
  process.exitCode = parts.every(({ asStated }) => asStated) ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
}

interface Part {
  readonly report: RunReport;
  readonly asStated: boolean;
}

async function showCompetition(
  terminal: Terminal,
  seed: string,
  scenario: typeof competingConsumers,
  title: string,
): Promise<Part> {
  const part = await runPart(terminal, scenarioPlan(scenario, seed), scenario.expected);
  const { report } = part;
  const { lanes, results } = lanesOf(report.runFolder, ON_FIRST_CONSUMER);
  const { print } = terminal;
  const kept = results.every((sequence, index) => sequence === index + 1);
  const named = report.anomalies.filter(({ rootCount }) => rootCount > 0).map(({ plain, id }) => `${plain} (${id})`);
  print('');
  print(`Two consumers, one ${title}; user ${ON_FIRST_CONSUMER}`);
  print('  topic A  1 2 3 4');
  for (const [consumer, taken] of lanes) print(`  ${consumer.padEnd(7)}  ${taken}`);
  const order = kept ? 'ORDER KEPT' : `ORDER BROKEN: ${named.join(', ')}`;
  print(`  topic B  ${results.join(' ')}   ${order}`);
  return part;
}

async function showStream(terminal: Terminal, seed: string): Promise<Part> {
  const part = await runPart(terminal, scenarioPlan(projector, seed), projector.expected);
  const { counts, verdict } = part.report;
  const { print } = terminal;
  print('');
  print("A real project's event stream (fastify), four consumers, one killed half way, one joining");
  print(
    `  ${counts.published} events of ${counts.users} users published, ${counts.redelivered} delivered again after the kill`,
  );
  print(
    `  ${counts.applied} applied, each once and in order; ${counts.duplicatesAbsorbed} duplicates absorbed; verdict ${verdict}`,
  );
  return part;
}

async function runPart(terminal: Terminal, plan: Plan, expected: typeof projector.expected): Promise<Part> {
  const interrupt = onInterrupt(terminal);
  let endWatch = (): void => {};
  try {
    const { report, verdict } = await run({
      ...{ plan, brokerUrl: 'embedded:', storeUrl: 'embedded:', clock: systemClock, skipBadLines: false },
      folderPath: runFolderName(Date.now(), plan.scenario, plan.seed),
      folderClash: 'number',
      replay: `orderlab run --scenario ${plan.scenario} --expect --seed ${plan.seed}`,
      stop: interrupt,
      onStart: (meter) => {
        endWatch = terminal.watch(meter, null);
      },
    });
    return { report, asStated: differences(expected, verdict).length === 0 };
  } finally {
    endWatch();
    interrupt.release();
  }
}

/** What each consumer took, in the order of its deliveries, and what the result topic holds of the user. */
function lanesOf(folder: string, user: string) {
  const deliveries = new Map<string, Map<string, number[]>>();
  const results: number[] = [];
  for (const record of readHistory(folder)) {
    if (record.stream === 'Cause' && record.type === 'join') deliveries.set(laneName(record.consumer), new Map());
    if (record.stream === 'Del' && record.type === 'received' && record.sequence !== null) {
      const lane = deliveries.get(laneName(record.consumer));
      lane?.set(record.user, [...(lane.get(record.user) ?? []), record.sequence]);
    }
    if (record.stream === 'Log' && record.topic === 'results' && record.event?.user === user) {
      results.push(record.event.sequence);
    }
  }
  const lanes = [...deliveries].map(([consumer, taken]) => [consumer, laneText(taken, user)] as const);
  return { lanes, results };
}

/** The user's sequences; of a consumer that has none of them, what it is busy with. */
function laneText(taken: ReadonlyMap<string, readonly number[]>, user: string): string {
  const own = taken.get(user);
  if (own !== undefined) return own.join(' ');
  return [...taken].map(([other, sequences]) => `(${other}: ${sequences.join(' ')})`).join(' ');
}

/** `c1#1` is the first life of consumer c1. */
function laneName(consumer: string): string {
  return consumer.split('#')[0] ?? consumer;
}
