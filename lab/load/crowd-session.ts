/** Sessions of a crowd: `orderlab load --workers N` leads, `orderlab load worker` works. */
import { hostname } from 'node:os';
import { systemClock } from '../../shared/adapters/system-clock';
import { OrderlabError } from '../../shared/errors';
import type { Broker } from '../../shared/ports';
import { EXIT_BY_VERDICT } from '../exit-code';
import { onInterrupt } from '../interrupt';
import { replayCommand } from '../replay-command';
import { freshRunId, freshSeed, withoutSecret } from '../run';
import type { Terminal } from '../terminal';
import { wholeNumber } from '../whole-number';
import { cornerOf, openWorld } from '../world';
import { leadCrowd, workInCrowd } from './crowd';
import { runLoad } from './load';
import { LOAD_DURATION_S_MAX, LOAD_WORKER_COUNT_MAX } from './load-limits';
import { type LoadReport, loadLines } from './load-report';
import type { LoadFlags } from './load-session';
import { type LoadInput, readLoadInput } from './load-settings';

export interface WorkerFlags {
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly meet: string;
}

/** Where everybody meets: a namespace that stays, so that a worker finds the topic before its leader comes. */
const MEETING_NAMESPACE = 'public/orderlab-meeting';
/** Beyond the load itself: start, drain, and a slow machine. */
const RESULT_GRACE_MS = 120_000;

/** Leads: counts the workers, starts them, prints the merged report. `input` is checked here before anybody is called. */
export async function leadSession(flags: LoadFlags, input: LoadInput, terminal: Terminal): Promise<LoadReport> {
  const workerCount = wholeNumber('--workers', flags.workers ?? '', 1, LOAD_WORKER_COUNT_MAX);
  const seed = flags.seed ?? freshSeed();
  const { shape } = readLoadInput(input, seed);
  /** The rate is that of all of them together. */
  const share = shape.ratePerSecond === null ? {} : { rate: String(shape.ratePerSecond / workerCount) };
  const durationMs = Math.min(shape.durationS + shape.warmupS, LOAD_DURATION_S_MAX) * 1_000;
  terminal.say(
    `seed ${seed}; waiting for ${workerCount} of: orderlab load worker --broker ${withoutSecret(flags.broker)} --meet ${flags.meet}`,
  );
  const report = await atMeeting(flags, (broker) =>
    leadCrowd({
      ...{ broker, topic: flags.meet, clock: systemClock, session: freshRunId('load'), workerCount, seed },
      ...{ load: { ...input, ...share }, resultDeadlineMs: durationMs + RESULT_GRACE_MS, say: terminal.say },
    }),
  );
  return { ...report, seed, replay: withoutSecret(replayCommand(seed)) };
}

/**
 * Works once and ends with the verdict on its own part. Loaded by name, when it is asked for. @public
 */
export async function workSession(flags: WorkerFlags, terminal: Terminal): Promise<void> {
  const worker = `${hostname()}-${process.pid}`.replace(/[^\w-]/g, '-');
  const stop = onInterrupt(terminal);
  const { broker: brokerUrl, store: storeUrl, admin: adminUrl = null } = flags;
  const run = (load: LoadInput, seed: string): Promise<LoadReport> =>
    runLoad({
      settings: readLoadInput(load, seed),
      place: { brokerUrl, storeUrl, adminUrl, ...cornerOf(freshRunId('load')) },
      ...{ clock: systemClock, stop, replay: '' },
    });
  try {
    const report = await atMeeting(flags, (broker) =>
      workInCrowd({ broker, topic: flags.meet, clock: systemClock, worker, run, say: terminal.say }),
    );
    for (const line of loadLines(report)) terminal.print(line);
    process.exitCode = EXIT_BY_VERDICT[report.verdict];
  } finally {
    stop.release();
  }
}

async function atMeeting<T>(
  { broker, admin }: { readonly broker: string; readonly admin?: string },
  work: (broker: Broker) => Promise<T>,
): Promise<T> {
  if (broker === 'embedded:') {
    throw new OrderlabError('USAGE', {
      problem: 'load processes meet on a broker that they share: --broker ws://HOST:PORT',
    });
  }
  const place = { brokerUrl: broker, storeUrl: 'embedded:', adminUrl: admin ?? null, namespace: MEETING_NAMESPACE };
  const world = await openWorld({
    ...{ ...place, keyPrefix: 'orderlab:meeting', clock: systemClock, audit: false, journal: null, role: 'resident' },
  });
  try {
    return await work(world.broker);
  } finally {
    await world.close();
  }
}
