/**
 * Ctrl-C at any moment: the command comes to its end, and no process, no folder and no lock of it is left. The moments are
 * drawn from a seed, which is printed; that the command ends and leaves nothing has to hold at each of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT_BY_VERDICT, EXIT_INTERRUPTED } from '../../lab/exit-code';
import { stopStandalone } from '../../lab/pulsar-standalone';
import { freshSeed } from '../../lab/run';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { CAN_SEE_PROCESSES, Leftovers } from '../support/leftovers';
import { describeOwnPulsar } from '../support/pulsar-broker';
import { describeRedis } from '../support/redis-server';
import { until } from '../support/until';

const ROOT = join(__dirname, '..', '..');
const LAUNCHER = join(ROOT, 'lab', 'orderlab.js');
/** An orderly end drains consumers and judges what was published. */
const END_DEADLINE_MS = 120_000;
const MOMENT_COUNT = Number(process.env.ORDERLAB_RUNS ?? 1);
const SEED = process.env.ORDERLAB_SEED ?? freshSeed();
const WORKLOAD = ['--users', '50', '--events', '4000', '--rate', '1000'];

jest.setTimeout(MOMENT_COUNT * 2 * END_DEADLINE_MS);

/** Two signals that are under way at once are one. */
const PRESS_GAP_MS = 20;

/** How often Ctrl-C is pressed: once for an order, twice for an end at once. */
type Presses = 1 | 2;

/** Ctrl-C reaches the whole group, as on a terminal. */
function press({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGINT');
}

interface Sweep {
  readonly words: () => readonly string[];
  /** About what it takes when nobody interrupts it. */
  readonly longestMs: number;
  /** Of a command that was done before and has left what it is for. */
  readonly undo?: (folder: string) => Promise<unknown>;
}

function start(words: readonly string[], leftovers: Leftovers): ChildProcess {
  const env = { ...process.env, ...leftovers.environment };
  return spawn(process.execPath, [LAUNCHER, ...words], {
    ...{ cwd: leftovers.folder, stdio: 'ignore', env, detached: true },
  });
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Not whoever has come to an end meanwhile: before it listens, the first press ends it. */
async function pressTimes(child: ChildProcess, presses: Presses): Promise<void> {
  for (let count = 0; count < presses; count += 1) {
    if (count > 0) await pause(PRESS_GAP_MS);
    if (!hasEnded(child)) press(child);
  }
}

async function leaves({ words: wordsOf, undo }: Sweep, momentMs: number, presses: Presses): Promise<object> {
  const words = wordsOf();
  const leftovers = new Leftovers();
  const child = start(words, leftovers);
  await Promise.race([once(child, 'exit'), pause(momentMs)]);
  await pressTimes(child, presses);
  await until(`the end of ${words.join(' ')} after ${momentMs} ms`, () => hasEnded(child), END_DEADLINE_MS);
  if (child.exitCode === 0) await undo?.(leftovers.folder);
  return leftBy(child, leftovers);
}

/** Whoever hears of its end by a closed pipe needs a moment. */
async function leftBy({ pid }: ChildProcess, leftovers: Leftovers): Promise<object> {
  await until('the end of its processes', () => leftovers.processes.length === 0, END_DEADLINE_MS).catch(() => {});
  const left = {
    processes: leftovers.processes,
    files: leftovers.files.filter((name) => name !== 'runs' && name !== 'pulsar'),
    locks: locksOf(pid ?? 0),
  };
  rmSync(leftovers.folder, { recursive: true, force: true });
  return left;
}

const NOTHING = { processes: [], files: [], locks: [] };

/** Interrupted not at a drawn moment but as soon as `isSeen` says so. */
async function leavesOnce(
  words: readonly string[],
  isSeen: (leftovers: Leftovers) => boolean,
  presses: Presses,
): Promise<{ readonly left: object; readonly exitCode: number | null }> {
  const leftovers = new Leftovers();
  const child = start(words, leftovers);
  await until('the moment to interrupt', () => isSeen(leftovers), END_DEADLINE_MS);
  await pressTimes(child, presses);
  await until(`the end of ${words.join(' ')}`, () => hasEnded(child), END_DEADLINE_MS);
  return { exitCode: child.exitCode, left: await leftBy(child, leftovers) };
}

/** Locks of the launcher that this process had, or was about to take; another one may prepare the folder meanwhile. */
function locksOf(pid: number): readonly string[] {
  const folder = join(ROOT, '.orderlab');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name === `launcher.lock.${pid}` || existsSync(join(folder, name, String(pid))));
}

function sweeps(name: string, words: Sweep['words'], longestMs: number, undo?: Sweep['undo']): void {
  const sweep = { words, longestMs, ...(undo === undefined ? {} : { undo }) };
  const random = seededRandom(SEED).stream('interrupt', name);
  const moments = Array.from({ length: MOMENT_COUNT }, () => random.below(longestMs));
  it.each(moments)(`${name}, interrupted after %i ms (ORDERLAB_SEED=${SEED})`, async (momentMs) => {
    for (const presses of [1, 2] as const) {
      expect(await leaves(sweep, momentMs, presses)).toEqual(NOTHING);
    }
  });
}

if (CAN_SEE_PROCESSES) {
  describeRedis('commands that are interrupted', (server) => {
    const real = () => ['--store', server().url];
    sweeps('run', () => ['run', ...WORKLOAD], 5_000);
    sweeps('run with processes', () => ['run', '--processes', ...WORKLOAD, '--kills', '2', ...real()], 12_000);
    sweeps('a zombie', () => ['run', '--processes', '--scenario', 'zombie', ...real()], 10_000);
    sweeps('a store that is restarted', () => ['run', '--processes', '--scenario', 'redis-restart', ...real()], 10_000);
    sweeps('writers', () => ['run', '--processes', '--scenario', 'killed-writers', ...real()], 12_000);
    sweeps('repeat', () => ['repeat', 'competing-consumers', '--runs', '3', '--processes', ...real()], 10_000);
    sweeps('chaos', () => ['chaos', '--kills', '10'], 6_000);
    sweeps('bench real', () => ['bench', 'real', '--events', '2000', ...real()], 8_000);
    it('a hurried end takes the store of its own along, its folder too', async () => {
      const words = ['run', '--processes', '--scenario', 'redis-restart', ...real()];
      const hasFolder = ({ files }: Leftovers) => files.some((name) => name.startsWith('orderlab-redis-'));
      expect(await leavesOnce(words, hasFolder, 2)).toEqual({ exitCode: EXIT_INTERRUPTED, left: NOTHING });
    });
    it('a hurried end leaves no instance behind that stands still', async () => {
      const words = ['run', '--processes', '--scenario', 'single-authority', ...real()];
      const hasStanding = ({ standing }: Leftovers) => standing.some((line) => line.includes('serve command-api'));
      expect(await leavesOnce(words, hasStanding, 2)).toEqual({ exitCode: EXIT_INTERRUPTED, left: NOTHING });
    });
    it('consumers that are just beginning do not hear of Ctrl-C: the run ends in order', async () => {
      const words = ['run', '--processes', ...WORKLOAD, ...real()];
      const hasConsumer = ({ processes }: Leftovers) => processes.some((line) => line.includes('serve projector'));
      expect(await leavesOnce(words, hasConsumer, 1)).toEqual({ exitCode: EXIT_BY_VERDICT.unknown, left: NOTHING });
    });
    sweeps('broker serve', () => ['broker', 'serve', '--port', '0', '--faults', 'faults.json'], 2_000);
  });

  describeOwnPulsar('that is interrupted while it starts', (placeIn) => {
    let ports: readonly string[] = [];
    beforeAll(async () => {
      const { brokerPort, httpPort } = await placeIn('pulsar');
      ports = ['--port', String(brokerPort), '--http-port', String(httpPort)];
    });
    sweeps(
      'pulsar start',
      () => ['pulsar', 'start', '--data', 'pulsar', ...ports],
      5_000,
      (folder) => stopStandalone(join(folder, 'pulsar')),
    );
  });
}
