/** The write side's bench: laps of bare and safe calls in turn, the remedies one by one, and a race. */

import { readHistory } from '../shared/adapters/history-files';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import type { Plan } from '../shared/model/plan';
import type { WriterSettings } from '../shared/model/write-side';
import { CAREFUL, creating, sent, UNGUARDED, writeSide } from '../shared/scenarios/command-rounds';
import { FLOORS, PLAN } from '../shared/scenarios/defaults';
import { freshSeed, run } from './run';
import { runFolderName } from './run-folder';
import { type Spread, spreadOf, spreadText } from './spread';
import type { Terminal } from './terminal';
import { cornerOf } from './world';
import {
  apiLap,
  appendLap,
  bareAppendLap,
  bareRouteLap,
  remedyLap,
  type WriteLap,
  type WriteLapOptions,
} from './write-lap';

export interface WriteBenchOptions {
  readonly brokerUrl: string;
  readonly storeUrl: string;
  readonly callCount: number;
  readonly roundCount: number;
  /** Users that eight clients each race to create, over four processes; 0: no race. */
  readonly raceUserCount: number;
  readonly json: boolean;
}

/** Safe divided by bare, median of the rounds. */
const APPEND_RATIO_WANTED = 0.6;
const API_RATIO_WANTED = 0.5;

const BASE: WriterSettings = { ...CAREFUL, uniqueEmails: false, recordsRequests: false };

/** One remedy more each time; the last one is all of them. */
const REMEDIES: readonly (readonly [string, WriterSettings])[] = [
  ['no remedy (append without a condition)', { ...UNGUARDED, guard: 'blind', deliberationMs: 0 }],
  ['expected version', BASE],
  ['expected version, unique e-mail', { ...BASE, uniqueEmails: true }],
  ['expected version, unique e-mail, request record', CAREFUL],
];

interface Pair {
  readonly bare: WriteLap;
  readonly safe: WriteLap;
  readonly ratio: number;
}

/** Resolves with whether every bar holds. Errors: USAGE without a Redis, and what opening it rejects with. */
export async function benchWrite(options: WriteBenchOptions, terminal: Terminal): Promise<boolean> {
  if (!/^rediss?:/.test(options.storeUrl)) {
    throw new OrderlabError('USAGE', { problem: 'bench write measures a Redis: --store redis://HOST:PORT' });
  }
  const say = (line: string): void => (options.json ? undefined : terminal.print(line));
  const appends: Pair[] = [];
  const routes: Pair[] = [];
  for (let index = 0; index < options.roundCount; index += 1) {
    appends.push(await pair(bareAppendLap, appendLap, options, index));
    routes.push(await pair(bareRouteLap, apiLap, { ...options, callCount: Math.ceil(options.callCount / 5) }, index));
    say(`round ${index + 1}: ${lineOf('XADD', 'append', appends.at(-1))}; ${lineOf('route', 'API', routes.at(-1))}`);
  }
  const remedies = await remedyTable(options);
  for (const { name, lap } of remedies)
    say(
      `${name}: ${lap.roundTrips.toFixed(2)} round trips, p50 ${lap.p50Ms.toFixed(2)} ms, p99 ${lap.p99Ms.toFixed(2)} ms`,
    );
  const race = options.raceUserCount === 0 ? null : await raceOf(options);
  if (race !== null)
    say(
      `race: ${race.commands} commands on ${options.raceUserCount} users over ${RACE_WRITER_COUNT} processes: ` +
        `${race.verdict}; ${race.created} UserCreated, ${race.accepted} accepted, ${race.refused} refused for certain`,
    );
  const ratios = { append: ratioOf(appends), api: ratioOf(routes) };
  const holds =
    ratios.append.median >= APPEND_RATIO_WANTED &&
    ratios.api.median >= API_RATIO_WANTED &&
    (race === null || holdsRace(race));
  say(
    `append / XADD, min / median / max: ${spreadText(ratios.append)} (wanted: median at least ${APPEND_RATIO_WANTED})`,
  );
  say(`API / bare route, min / median / max: ${spreadText(ratios.api)} (wanted: median at least ${API_RATIO_WANTED})`);
  if (options.json) terminal.print(JSON.stringify({ holds, ratios, appends, routes, remedies, race }));
  return holds;
}

type LapOf = (options: WriteLapOptions) => Promise<WriteLap>;

/** Odd rounds begin with the other one, so that neither always finds the warmer machine. */
async function pair(bareOf: LapOf, safeOf: LapOf, options: WriteBenchOptions, index: number): Promise<Pair> {
  const lap = (of: LapOf) => of(lapOptions(options));
  const first = index % 2 === 0 ? await lap(bareOf) : await lap(safeOf);
  const second = index % 2 === 0 ? await lap(safeOf) : await lap(bareOf);
  const [bare, safe] = index % 2 === 0 ? [first, second] : [second, first];
  return { bare, safe, ratio: safe.perSecond / bare.perSecond };
}

let openedCount = 0;

function lapOptions({ storeUrl, callCount }: WriteBenchOptions): WriteLapOptions {
  openedCount += 1;
  const { keyPrefix } = cornerOf(`bench-write-${process.pid}-${openedCount}`);
  return { storeUrl, keyPrefix, callCount };
}

async function remedyTable(options: WriteBenchOptions) {
  const rows: { readonly name: string; readonly lap: WriteLap }[] = [];
  for (const [name, settings] of REMEDIES) rows.push({ name, lap: await remedyLap(settings, lapOptions(options)) });
  return rows;
}

const RIVAL_COUNT = 8;
const RACE_WRITER_COUNT = 4;
/**
 * Users of one round, so 64 commands are under way at a time, as in the laps. A race is about rivals, and not about queues: on
 * a machine that is busy with other things a longer queue at the store outlives the deadline of whoever stands at its end.
 */
const RACE_ROUND_USER_COUNT = 8;

/** Every user is created by eight clients at once: one is accepted, and every loser hears a definite refusal. */
async function raceOf({ brokerUrl, storeUrl, raceUserCount }: WriteBenchOptions) {
  const users = Array.from({ length: raceUserCount }, (_, index) => `user-${index + 1}`);
  const commands = users.map((user) =>
    Array.from({ length: RIVAL_COUNT }, (_, rival) =>
      sent(`create-${user}-${rival}`, creating(user, `${user}-${rival}@example.org`), {
        writer: rival % RACE_WRITER_COUNT,
      }),
    ),
  );
  const rounds = Array.from({ length: Math.ceil(users.length / RACE_ROUND_USER_COUNT) }, (_, index) =>
    commands.slice(index * RACE_ROUND_USER_COUNT, (index + 1) * RACE_ROUND_USER_COUNT).flat(),
  );
  const plan: Plan = {
    ...{ ...PLAN, scenario: 'bench-write-race', seed: freshSeed() },
    workload: { kind: 'commands', writeSide: writeSide(RACE_WRITER_COUNT, CAREFUL, rounds) },
    floors: { ...FLOORS, contendedUserCountMin: 0, racedCommandCountMin: users.length },
  };
  const { report } = await run({
    ...{ plan, brokerUrl, storeUrl, clock: systemClock, processes: true, skipBadLines: false },
    folderPath: runFolderName(Date.now(), plan.scenario, plan.seed),
    folderClash: 'number',
    ...{ replay: `orderlab bench write --race ${raceUserCount}`, stop: { stopping: false } },
  });
  return { commands: users.length * RIVAL_COUNT, verdict: report.verdict, ...outcomesIn(report.runFolder) };
}

/** What became of the commands by their last answers, and how many creations the log of the event store holds. */
function outcomesIn(runFolder: string) {
  const answers = new Map<string, string>();
  let created = 0;
  for (const record of readHistory(runFolder)) {
    if (record.stream === 'App' && record.type === 'entry' && record.event === 'UserCreated') created += 1;
    if (record.stream === 'Cmd' && record.type === 'return') answers.set(record.command, record.outcome);
  }
  const count = (outcome: string): number => [...answers.values()].filter((one) => one === outcome).length;
  return { created, accepted: count('accepted'), refused: count('refused') };
}

/** One creation each, and every loser knows that it has lost. */
function holdsRace({ commands, verdict, created, accepted, refused }: Awaited<ReturnType<typeof raceOf>>): boolean {
  const users = commands / RIVAL_COUNT;
  return verdict === 'valid' && created === users && accepted === users && refused === commands - users;
}

function ratioOf(pairs: readonly Pair[]): Spread {
  return spreadOf(pairs.map(({ ratio }) => ratio));
}

function lineOf(bareName: string, safeName: string, measured: Pair | undefined): string {
  if (measured === undefined) return '';
  const side = (name: string, { perSecond, cpuMicrosPerCall }: WriteLap): string =>
    `${name} ${Math.round(perSecond)}/s, ${cpuMicrosPerCall.toFixed(0)} µs CPU`;
  return `${side(bareName, measured.bare)}, ${side(safeName, measured.safe)}, ratio ${measured.ratio.toFixed(2)}`;
}
