/**
 * Writer process: an instance of the user service in a process of its own, started by a run. It listens on a loopback port
 * that nobody else knows, so it asks for no token; where the plan says so it kills itself, as by kill -9.
 */
import { once } from 'node:events';
import { openJsonlRecorder } from '../shared/adapters/jsonl-recorder';
import { seededRandom } from '../shared/adapters/seeded-random';
import { machineClock, systemClock } from '../shared/adapters/system-clock';
import { causeText, OrderlabError } from '../shared/errors';
import type { WriterPoint } from '../shared/model/write-side';
import { API_LIMITS } from './api/api-server';
import { NO_TOKENS } from './api/bearer-tokens';
import { openUserApi } from './api/user-api';
import { openEventStore } from './event-store-by-url';
import { LOOPBACK } from './metrics-server';
import { openProcessLog } from './process-log';
import { openWorld } from './world';
import { openUserService } from './writer-crew';
import { readWriterJob, type WriterJob, type WriterNotice } from './writer-job';

/** Serves until the run goes away, asks it to end, or the plan ends it. */
export async function serveWriter(): Promise<void> {
  /** Without the run nobody would ever end it. */
  process.on('disconnect', () => process.exit(1));
  try {
    const [raw]: unknown[] = await once(process, 'message');
    await serve(readWriterJob(raw));
  } catch (thrown) {
    const code = thrown instanceof OrderlabError ? thrown.code : 'INTERNAL';
    await tell({ type: 'failed', code, message: causeText(thrown) });
    process.exitCode = 1;
    process.disconnect();
  }
}

async function serve(job: WriterJob): Promise<void> {
  const { writer, settings, crash, place, seed, topic } = job;
  const store = await openEventStore({ ...place, clock: systemClock, role: 'guest' });
  const arrivals = new Map<WriterPoint, number>();
  const random = seededRandom(seed).stream('writer', writer);
  const direct = await directOf(job);
  const service = openUserService(
    {
      writer,
      settings,
      store,
      clock: systemClock,
      random,
      topic,
      direct,
      crash,
      onDeath: () => {},
    },
    async (point) => {
      const arrival = (arrivals.get(point) ?? 0) + 1;
      arrivals.set(point, arrival);
      if (crash !== null && crash.at === point && crash.arrival === arrival) await die();
    },
  );
  const log = openProcessLog(writer);
  const api = await openUserApi({
    ...{
      tokens: NO_TOKENS,
      limits: { ...API_LIMITS, userRateMax: API_LIMITS.principalRateMax, loopDelayMsMax: 0 },
      queries: null,
    },
    log: (thrown) => log.error({ cause: causeText(thrown) }, 'a request failed'),
    submit: (request) => service.handle(request),
  });
  await tell({ type: 'listening', url: await api.listen(LOOPBACK, 0) });
  /** Its command is done when the run is: a command that is done ends its process. */
  await once(process, 'disconnect');
  /** A native client that nobody refers to any more is collected, and takes its producers with it. */
  await direct?.world.close();
}

/** Only who publishes itself needs the broker, and has something to write down. */
async function directOf({ writer, settings, place, topic, historyPath, clockOriginMs }: WriterJob) {
  if (settings.publishing === 'outbox') return null;
  const clock = machineClock(clockOriginMs);
  const world = await openWorld({ ...place, clock, audit: false, journal: null, role: 'guest' });
  const recorder = openJsonlRecorder({ path: historyPath, recorder: writer, nextOrder: () => clock.nowMs() });
  return { world, producer: await world.broker.createProducer(topic, writer), recorder };
}

/** The request that is under way is never answered, and nothing of this process runs on. */
async function die(): Promise<never> {
  await tell({ type: 'dies' });
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => {});
}

function tell(notice: WriterNotice): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(notice, undefined, undefined, () => resolve());
  });
}
