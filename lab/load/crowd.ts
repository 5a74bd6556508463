/** Crowd: one load from several processes. A leader counts them, starts them together and merges what they report. */
import type { Broker, Clock } from '../../shared/ports';
import type { LoadReport } from './load-report';
import type { LoadInput } from './load-settings';
import { Meeting } from './meeting';
import { mergeReports } from './merge';

/** How long the leader waits for its workers to come, and a worker to be called. */
export const GATHER_DEADLINE_MS = 600_000;

export interface LeadOptions {
  readonly broker: Broker;
  readonly topic: string;
  readonly clock: Clock;
  /** Names this session; nobody else uses it. */
  readonly session: string;
  readonly workerCount: number;
  readonly load: LoadInput;
  readonly seed: string;
  /** From the start until the last result has to be there. */
  readonly resultDeadlineMs: number;
  readonly say: (sentence: string) => void;
}

/** Resolves with the merged report. Errors: DEADLINE_EXCEEDED when workers do not come or do not report. */
export async function leadCrowd(options: LeadOptions): Promise<LoadReport> {
  const { broker, topic, clock, session, workerCount, say } = options;
  const meeting = await Meeting.join(broker, topic, `leader-${session}`, clock);
  try {
    const workers = await gather(meeting, options);
    say(`${workerCount} workers are there: ${workers.join(', ')}`);
    await meeting.say({ type: 'start', session, workers: [...workers], load: options.load, seed: options.seed });
    const reports = new Map<string, LoadReport>();
    while (reports.size < workerCount) {
      const what = `the results of ${workerCount - reports.size} workers`;
      const [name, report] = await meeting.hear(what, options.resultDeadlineMs, (message) =>
        message.type === 'result' && message.session === session ? ([message.worker, message.report] as const) : null,
      );
      reports.set(name, report);
      say(`${name} has reported`);
    }
    return mergeReports(new Map([...reports].sort(([left], [right]) => (left < right ? -1 : 1))));
  } finally {
    await meeting.leave();
  }
}

/** Calls once; who joins the topic later finds the call in it. */
async function gather(meeting: Meeting, { session, workerCount }: LeadOptions): Promise<readonly string[]> {
  const workers = new Set<string>();
  await meeting.say({ type: 'call', session });
  while (workers.size < workerCount) {
    const what = `the coming of ${workerCount - workers.size} load workers (orderlab load worker)`;
    workers.add(
      await meeting.hear(what, GATHER_DEADLINE_MS, (message) =>
        message.type === 'here' && message.session === session ? message.worker : null,
      ),
    );
  }
  return [...workers];
}

export interface WorkOptions {
  readonly broker: Broker;
  readonly topic: string;
  readonly clock: Clock;
  /** Names this worker; nobody else uses it. */
  readonly worker: string;
  /** One load of its own: topic, consumers and read model of this process. */
  readonly run: (load: LoadInput, seed: string) => Promise<LoadReport>;
  readonly say: (sentence: string) => void;
}

/** Comes when it is called, works once, reports. Errors: DEADLINE_EXCEEDED when nobody calls. */
export async function workInCrowd({ broker, topic, clock, worker, run, say }: WorkOptions): Promise<LoadReport> {
  const meeting = await Meeting.join(broker, topic, worker, clock);
  const answered = new Set<string>();
  try {
    for (;;) {
      const heard = await meeting.hear(
        'the call of a leader (orderlab load --workers)',
        GATHER_DEADLINE_MS,
        (message) => (message.type === 'call' || message.type === 'start' ? message : null),
      );
      if (heard.type === 'call' && !answered.has(heard.session)) {
        answered.add(heard.session);
        await meeting.say({ type: 'here', session: heard.session, worker });
      }
      if (heard.type !== 'start' || !heard.workers.includes(worker)) continue;
      say(`${worker} begins, ${heard.workers.length} in all`);
      const report = await run(heard.load, seedOf(heard.seed, heard.workers.indexOf(worker)));
      /** The seconds of different machines cannot be laid over each other, and would not fit into a message. */
      await meeting.say({ type: 'result', session: heard.session, worker, report: { ...report, series: [] } });
      return report;
    }
  } finally {
    await meeting.leave();
  }
}

/** Seeds are whole numbers of 64 bits: each worker draws events of its own, and the same with the same seed and place. */
function seedOf(seed: string, index: number): string {
  return BigInt.asUintN(64, BigInt(seed) + BigInt(index)).toString();
}
