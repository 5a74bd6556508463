/**
 * Writer process: an instance of the user service in a process of its own, started by a run. It listens on a loopback port
 * that nobody else knows, so it asks for no token; where the plan says so it is killed, as by kill -9.
 */
import { once } from 'node:events';
import { runCommandHandler } from '../consumers/command-handler';
import { openJsonlRecorder } from '../shared/adapters/jsonl-recorder';
import { seededRandom } from '../shared/adapters/seeded-random';
import { machineClock, systemClock } from '../shared/adapters/system-clock';
import { causeText, OrderlabError } from '../shared/errors';
import { invariant } from '../shared/model/invariant';
import type { WriterPoint } from '../shared/model/write-side';
import { API_LIMITS } from './api/api-server';
import { NO_TOKENS } from './api/bearer-tokens';
import { openUserApi } from './api/user-api';
import { openEventStore } from './event-store-by-url';
import { NEVER } from './life';
import { LOOPBACK } from './metrics-server';
import { forwardOverHttp, ownerAt } from './owner-address';
import { subscribePatiently } from './patient-subscription';
import { openProcessLog } from './process-log';
import { lifecycleOf, StopRequest } from './stop-request';
import { openWorld } from './world';
import { type CommandService, openCommandService } from './writer-crew';
import {
  type HandlerOrder,
  type HandlerPlace,
  readWriterJob,
  type StandingOrder,
  type WriterJob,
  type WriterNotice,
} from './writer-job';

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
  const { writer, settings, place, seed, topic } = job;
  const guardsIncarnation = settings.authority?.guardsIncarnation === true;
  const store = await openEventStore({ ...place, clock: systemClock, role: 'guest', guardsIncarnation });
  const random = seededRandom(seed).stream('writer', writer);
  const direct = await directOf(job);
  const reached = fateOf(job);
  const options = {
    writer,
    settings,
    store,
    clock: systemClock,
    random,
    topic,
    direct,
    crash: null,
    onDeath: () => {},
  };
  const open = (owner: string): CommandService =>
    openCommandService({ ...options, writer: owner, forward: forwardOverHttp }, async (point, commandId) => {
      await reached(point, null);
      if (point === 'before:append' && job.standsAt.includes(commandId)) await stand(commandId);
    });
  if (job.handles === null) await answer(job, open);
  else await handle(job, job.handles, open(writer), reached);
  /** A native client that nobody refers to any more is collected, and takes its producers with it. */
  await direct?.world.close();
}

/** Where the plan ends the process. */
function fateOf({ crash }: WriterJob): Reached {
  const arrivals = new Map<WriterPoint, number>();
  return async (point, user) => {
    const arrival = (arrivals.get(point) ?? 0) + 1;
    arrivals.set(point, arrival);
    if (crash !== null && crash.at === point && crash.arrival === arrival) await die(user);
  };
}

/** Over HTTP, until the run goes away. Where it is, others can know only once it listens; until then nobody knows where to ask. */
async function answer({ writer, settings }: WriterJob, open: (owner: string) => CommandService): Promise<void> {
  const log = openProcessLog(writer);
  let service: CommandService | null = null;
  const api = await openUserApi({
    ...{
      tokens: NO_TOKENS,
      limits: { ...API_LIMITS, userRateMax: API_LIMITS.principalRateMax, loopDelayMsMax: 0 },
      queries: null,
    },
    log: (thrown) => log.error({ cause: causeText(thrown) }, 'a request failed'),
    submit: (request) => {
      invariant(service !== null, 'an instance answers once it has said where it is');
      return service.handle(request);
    },
  });
  const url = await api.listen(LOOPBACK, 0);
  service = open(settings.authority?.forwards === true ? ownerAt(writer, url) : writer);
  await tell({ type: 'listening', url });
  /** Its command is done when the run is: a command that is done ends its process. */
  await once(process, 'disconnect');
}

type Reached = (point: WriterPoint, user: string | null) => Promise<void>;

/** From a topic: it joins when it is told to, and ends when it has drained and left. */
async function handle(
  { writer: consumerName, place }: WriterJob,
  { commandTopic: topic, subscription, subscriptionType: type, receiverQueueSize }: HandlerPlace,
  service: CommandService,
  reached: Reached,
): Promise<void> {
  const stop = new StopRequest();
  const joining = new StopRequest();
  process.on('message', ({ type: ordered }: HandlerOrder) => (ordered === 'join' ? joining : stop).ask());
  const world = await openWorld({ ...place, clock: systemClock, audit: false, journal: null, role: 'guest' });
  await tell({ type: 'ready' });
  await joining.whenAsked;
  const asked = { topic, subscription, type, consumerName, receiverQueueSize };
  const consumer = await subscribePatiently(world.broker, asked, systemClock);
  const finished = runCommandHandler({
    ...{ consumer, reached, stop: lifecycleOf(stop), execute: (request) => service.handle(request) },
    openReplies: (replyTopic) => world.broker.createProducer(replyTopic, `${consumerName}-${replyTopic}`),
  });
  await tell({ type: 'joined' });
  await finished;
  await consumer.close();
  await world.close();
  process.disconnect();
}

/** Only who publishes itself needs the broker, and has something to write down. */
async function directOf({ writer, settings, place, topic, historyPath, clockOriginMs }: WriterJob) {
  if (settings.publishing === 'outbox') return null;
  const clock = machineClock(clockOriginMs);
  const world = await openWorld({ ...place, clock, audit: false, journal: null, role: 'guest' });
  const recorder = openJsonlRecorder({ path: historyPath, recorder: writer, nextOrder: () => clock.nowMs() });
  return { world, producer: await world.broker.createProducer(topic, writer), recorder };
}

/**
 * The command that is under way goes no further. The run kills the process, and not the process itself: its death has to be on
 * record before anybody can notice, and a notice may be read later than the end of a connection.
 */
async function die(user: string | null): Promise<never> {
  await tell({ type: 'dies', user });
  return NEVER;
}

/** The run stops the process meanwhile (SIGSTOP), or lets it go on at once. */
async function stand(commandId: string): Promise<void> {
  const order = new Promise<void>((resolve) => {
    const hear = (heard: StandingOrder): void => {
      if (heard.type !== 'go-on' || heard.commandId !== commandId) return;
      process.off('message', hear);
      resolve();
    };
    process.on('message', hear);
  });
  await tell({ type: 'stands', commandId });
  await order;
}

function tell(notice: WriterNotice): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(notice, undefined, undefined, () => resolve());
  });
}
