/** A run: plan → experiment → history → verdict, with the folder that it leaves. Commands, demo and tests all use it. */
import { createHash, randomBytes } from 'node:crypto';
import { expandWorkload } from '../producers/workload';
import { type CountingMeter, openCountingMeter } from '../shared/adapters/counting-meter';
import { readHistory } from '../shared/adapters/history-files';
import { seededIds, seededRandom } from '../shared/adapters/seeded-random';
import { createChecker } from '../shared/checker/check';
import { OrderlabError } from '../shared/errors';
import type { Plan } from '../shared/model/plan';
import type { Verdict } from '../shared/model/verdict';
import type { Clock } from '../shared/ports';
import { type Audience, untilOver } from './audience';
import { runExperiment } from './experiment';
import { installation } from './installation';
import type { OwnBroker } from './own-broker';
import type { Gathering } from './process-crew';
import { onReachableBroker } from './reachable-broker';
import { createRunFolder, type FolderClash, type RunFolder } from './run-folder';
import { onBreakableStore } from './store-faults';
import { timelineOf } from './timeline-of';
import { openTrace } from './trace-source';
import type { Watcher } from './watcher';
import { cornerOf } from './world';
import { requireNeeds } from './world-needs';

export interface RunOptions {
  readonly plan: Plan;
  readonly brokerUrl: string;
  readonly storeUrl: string;
  /** Pulsar's admin API; default: derived from a ws:// broker. */
  readonly adminUrl?: string;
  readonly clock: Clock;
  /** Every consumer in a process of its own, which really dies when it is killed. */
  readonly processes?: boolean;
  /** A broker that the run may restart and kill, as a plan with such faults needs; `brokerUrl` is its address. */
  readonly ownBroker?: OwnBroker;
  /** Where the run folder is made. */
  readonly folderPath: string;
  /** When that folder is another run's. Default: refuse. */
  readonly folderClash?: FolderClash;
  readonly skipBadLines: boolean;
  /** The command that does it again. */
  readonly replay: string;
  /** Once stopping, no event is published any more; what was published is judged, but never found valid. */
  readonly stop: { readonly stopping: boolean };
  /** Given the live counters before the first event. */
  readonly onStart?: (meter: CountingMeter) => void;
  /** Who watches the ports of this process; default: nobody. Consumers in processes of their own are not seen by it. */
  readonly watcher?: Watcher;
  /** Told what those consumers count; default: nobody. */
  readonly gathering?: Gathering | undefined;
  /** Who sees the records of this process and may reach in; default: nobody. */
  readonly audience?: Audience;
}

/** What `--json` prints, and verdict.json holds. */
export interface RunReport {
  readonly verdict: Verdict['status'];
  readonly claim: Verdict['claim'];
  readonly scenario: string;
  readonly reasons: Verdict['reasons'];
  readonly anomalies: Verdict['anomalies'];
  readonly floors: Verdict['floors'];
  readonly counts: Verdict['counts'];
  readonly resultTopic?: readonly number[];
  readonly badLines: number;
  readonly seed: string;
  readonly replay: string;
  readonly eventsPerSecond: number;
  /** Milliseconds in which nothing was accepted once a writer had died, the longest; null: no writer died. */
  readonly writerOutageMs: number | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly runFolder: string;
}

export async function run(options: RunOptions): Promise<{ readonly report: RunReport; readonly verdict: Verdict }> {
  const { plan, brokerUrl, storeUrl, clock, stop, processes = false } = options;
  requireReachable(options);
  requireNeeds(plan, { brokerUrl, processes, ownsBroker: options.ownBroker !== undefined });
  const folder = createRunFolder(options.folderPath, options.folderClash);
  const { versions } = installation;
  const runId = freshRunId();
  const place = { brokerUrl, storeUrl, adminUrl: options.adminUrl ?? null, ...cornerOf(runId) };
  const shown = { brokerUrl: withoutSecret(brokerUrl), storeUrl: withoutSecret(storeUrl), runId };
  folder.writeJson('config.json', { ...shown, versions });
  folder.writeJson('plan.json', plan);
  const random = seededRandom(plan.seed);
  const { workload } = plan;
  const trace = workload.kind === 'trace' ? openTrace(workload.trace, options.skipBadLines) : null;
  const whole = expandWorkload(workload, { random, ids: seededIds(random.stream('ids', 'events')), trace });
  const { audience } = options;
  const events = audience === undefined ? whole : untilOver(whole, audience);
  const meter = openCountingMeter();
  options.onStart?.(meter);
  const { publishedCount, elapsedMs, writerOutageMs } = await onReachableBroker(place, processes, (reachable) =>
    onBreakableStore(reachable, plan, (breakable, storeFaults) =>
      runExperiment({
        ...{ plan, planHash: planHash(plan), events, clock, meter, versions, stop, processes },
        ...{ place: breakable, historyFolder: folder.historyPath, storeFaults },
        ...{ ownBroker: options.ownBroker, audience },
        ...(options.watcher === undefined ? {} : { watcher: options.watcher }),
        gathering: options.gathering,
      }),
    ),
  );
  const judged = judgeRun(folder.path);
  const verdict = stop.stopping ? interrupted(judged) : judged;
  const eventsPerSecond = Math.round((publishedCount * 1_000) / Math.max(elapsedMs, 1));
  const report = reportOf(options, folder, verdict, {
    ...{ eventsPerSecond, badLines: trace?.badLineCount ?? 0 },
    writerOutageMs: writerOutageMs === null ? null : Math.round(writerOutageMs),
  });
  folder.writeJson('verdict.json', report);
  folder.writeText('timeline.txt', timelineOf(folder.path, verdict, null));
  return { report, verdict };
}

/** The verdict on a run folder's or a file's history. */
export function judgeRun(path: string): Verdict {
  const checker = createChecker();
  for (const record of readHistory(path)) checker.observe(record);
  return checker.finish();
}

/** A seed that nobody chose: 48 bits, hexadecimal. */
export function freshSeed(): string {
  return `0x${randomBytes(6).toString('hex')}`;
}

/** Other processes cannot reach a store that lives inside this one; a broker is put on a socket for them. */
function requireReachable({ processes, storeUrl }: RunOptions): void {
  if (processes !== true || storeUrl !== 'embedded:') return;
  const problem = '--processes needs a store that processes share: --store redis://…';
  throw new OrderlabError('USAGE', { problem });
}

/** Two runs of one seed at the same time must not meet. */
export function freshRunId(kind: 'run' | 'load' = 'run'): string {
  return `${kind}-${randomBytes(6).toString('hex')}`;
}

function planHash(plan: Plan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
}

function interrupted(verdict: Verdict): Verdict {
  const reason = 'interrupted before every event was published';
  const status = verdict.status === 'valid' ? 'unknown' : verdict.status;
  return { ...verdict, status, reasons: [reason, ...verdict.reasons] };
}

function reportOf(
  { plan, replay }: RunOptions,
  folder: RunFolder,
  verdict: Verdict,
  figures: Pick<RunReport, 'eventsPerSecond' | 'badLines' | 'writerOutageMs'>,
): RunReport {
  const { status, claim, reasons, anomalies, floors, counts, resultTopic } = verdict;
  return {
    ...{ verdict: status, claim, scenario: plan.scenario, reasons, anomalies, floors, counts },
    ...(resultTopic === null ? {} : { resultTopic }),
    ...figures,
    ...{ seed: plan.seed, replay: withoutSecret(replay), versions: installation.versions, runFolder: folder.path },
  };
}

/** A URL may carry a password; what is written to disk or printed may not, also not as part of a command. */
export function withoutSecret(text: string): string {
  return text.replace(/\/\/[^@/\s]*@/g, '//***@');
}
