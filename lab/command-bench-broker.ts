/** `orderlab bench broker`: what the broker model costs, alone, under the projector and on a socket beside a real Pulsar. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { invariant } from '../shared/model/invariant';
import { benchPlan } from './bench-plan';
import { bareLap, projectorLap } from './drain-lap';
import { EXIT_BY_VERDICT } from './exit-code';
import { installation } from './installation';
import { type MachineLoad, machineLap } from './machine-lap';
import { spreadOf } from './spread';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';
import { cornerOf } from './world';

interface BenchFlags {
  readonly against?: string;
  readonly events: string;
  readonly rounds: string;
  readonly json?: boolean;
}

/** What the figures are held to. Rates are per second, ratios have the larger load in the numerator. */
const MACHINE_RATE_WANTED = 300_000;
const COST_RATIO_WANTED = 1.3;
const PROJECTOR_RATE_WANTED = 100_000;
const SERVED_RATIO_WANTED = 0.8;
const ROUNDS_MIN = 5;
const EVENTS_MAX = 200_000;

/** A figure: the median of the rounds, beside what is wanted. */
interface Figure {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly median: number;
  readonly wanted: number;
  readonly isMost: boolean;
  readonly holds: boolean;
}

export function registerBenchBroker(bench: Command, terminal: Terminal): void {
  bench
    .command('broker')
    .exitOverride()
    .description('what the broker model costs: alone, under the projector, and on a socket beside a real Pulsar')
    .option('--against <url>', 'a real Pulsar, ws://HOST:PORT, for the same client on both, in turn')
    .option('--events <n>', 'messages of each lap on a broker', '20000')
    .option('--rounds <n>', `rounds, at least ${ROUNDS_MIN}; each runs everything, in turn`, String(ROUNDS_MIN))
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: BenchFlags) => run(flags, terminal));
}

async function run(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const eventCount = wholeNumber('--events', flags.events, 100, EVENTS_MAX);
  const roundCount = wholeNumber('--rounds', flags.rounds, ROUNDS_MIN, 100);
  const figures = [
    ...machineFigures(roundCount),
    await projectorFigure(eventCount, roundCount),
    ...(flags.against === undefined ? [] : [await servedFigure(flags.against, eventCount, roundCount)]),
  ];
  if (flags.json === true) terminal.print(JSON.stringify({ figures }));
  else for (const figure of figures) terminal.print(figureLine(figure));
  const hold = figures.every(({ holds }) => holds);
  process.exitCode = hold ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
}

const LOADS = {
  plain: { messageCount: 200_000, consumerCount: 4, backlogCount: 0 },
  shallow: { messageCount: 100_000, consumerCount: 4, backlogCount: 1_000 },
  deep: { messageCount: 100_000, consumerCount: 4, backlogCount: 1_000_000 },
  few: { messageCount: 100_000, consumerCount: 2, backlogCount: 0 },
  many: { messageCount: 100_000, consumerCount: 64, backlogCount: 0 },
} as const satisfies Readonly<Record<string, MachineLoad>>;

/** The first lap is the compiler's and counts for nothing. */
function machineFigures(roundCount: number): readonly Figure[] {
  machineLap(LOADS.plain);
  const rounds = Array.from({ length: roundCount }, () => ({
    plain: machineLap(LOADS.plain),
    backlog: machineLap(LOADS.shallow) / machineLap(LOADS.deep),
    consumers: machineLap(LOADS.few) / machineLap(LOADS.many),
  }));
  const of = (name: keyof (typeof rounds)[number]): readonly number[] => rounds.map((round) => round[name]);
  return [
    atLeast('model alone, messages per second of processor time', of('plain'), MACHINE_RATE_WANTED),
    atMost('cost of a message at a backlog of 1,000,000 to that at 1,000', of('backlog'), COST_RATIO_WANTED),
    atMost('cost of a message with 64 consumers to that with 2', of('consumers'), COST_RATIO_WANTED),
  ];
}

async function projectorFigure(eventCount: number, roundCount: number): Promise<Figure> {
  const rates: number[] = [];
  for (let index = 0; index < roundCount; index += 1) {
    const place = { brokerUrl: 'embedded:', storeUrl: 'embedded:', adminUrl: null, ...cornerOf(`bench-${index}`) };
    rates.push((await projectorLap({ plan: benchPlan(eventCount), eventCount, place })).eventsPerSecond);
  }
  return atLeast('projector on the embedded broker and store, events per second', rates, PROJECTOR_RATE_WANTED);
}

/** Odd rounds begin with the real one, so that neither always finds the warmer machine. */
async function servedFigure(against: string, eventCount: number, roundCount: number): Promise<Figure> {
  return onServedProcess(async (served) => {
    const rateOf = async (url: string, index: number): Promise<number> => {
      const corner = cornerOf(`bench-${index}-${Date.now().toString(36)}`);
      const place = { brokerUrl: url, storeUrl: 'embedded:', adminUrl: null, ...corner };
      return (await bareLap({ plan: benchPlan(eventCount), eventCount, place })).eventsPerSecond;
    };
    const ratios: number[] = [];
    for (let index = 0; index < roundCount; index += 1) {
      const rates = new Map<string, number>();
      for (const url of index % 2 === 0 ? [served, against] : [against, served])
        rates.set(url, await rateOf(url, index));
      ratios.push((rates.get(served) ?? 0) / (rates.get(against) ?? 0));
    }
    return atLeast(
      'served model to real Pulsar over WebSocket, consumed and acknowledged',
      ratios,
      SERVED_RATIO_WANTED,
    );
  });
}

/** In a process of its own, as the real one is. */
async function onServedProcess<T>(work: (url: string) => Promise<T>): Promise<T> {
  const launcher = join(installation.root, 'lab', 'orderlab.js');
  const child = spawn(process.execPath, [launcher, 'broker', 'serve', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return await work(await urlOf(child));
  } finally {
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ended;
  }
}

async function urlOf({ stdout }: ChildProcess): Promise<string> {
  invariant(stdout !== null, 'its output is a pipe');
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line).url;
  throw new OrderlabError('PROCESS_FAILED', { id: 'broker serve', code: 'EXIT', problem: 'it ended before it served' });
}

function atLeast(name: string, rounds: readonly number[], wanted: number): Figure {
  const { median } = spreadOf(rounds);
  return { name, rounds, median, wanted, isMost: false, holds: median >= wanted };
}

function atMost(name: string, rounds: readonly number[], wanted: number): Figure {
  const { median } = spreadOf(rounds);
  return { name, rounds, median, wanted, isMost: true, holds: median <= wanted };
}

function figureLine({ name, rounds, median, wanted, isMost, holds }: Figure): string {
  const shown = (figure: number): string => (figure < 100 ? figure.toFixed(2) : String(Math.round(figure)));
  const { min, max } = spreadOf(rounds);
  const bar = `wanted: ${isMost ? 'at most' : 'at least'} ${shown(wanted)}`;
  return `${holds ? 'holds' : 'MISSED'}  ${name}: ${shown(min)} / ${shown(median)} / ${shown(max)} (min / median / max; ${bar})`;
}
