/**
 * Projector service: one read side that stays, as a process of its own beside others of its kind.
 *
 * It takes part in a corner that is there for good (a namespace, a topic, a key prefix) and keeps no history: what
 * happened is seen in its metrics, and in the log and the model afterwards.
 */
import { hostname } from 'node:os';
import { openCountingMeter } from '../shared/adapters/counting-meter';
import { openLogIndex } from '../shared/adapters/log-index';
import { systemClock } from '../shared/adapters/system-clock';
import { planOf, type RunInput, readRunInput } from '../shared/config';
import type { Plan } from '../shared/model/plan';
import type { EventLog } from '../shared/ports';
import { settingsOf } from './consumer-settings';
import type { Crew } from './crew';
import { HeadAuditor } from './head-auditor';
import { InProcessCrew } from './in-process-crew';
import { onInterrupt } from './interrupt';
import { prepareResultTopic, ResultWatch } from './result-watch';
import { openScrape, type ScrapeFlags } from './scrape';
import { eachSecond } from './seconds';
import type { CornerFlags } from './service-options';
import { SILENT_RECORDER } from './silent-recorder';
import { Supervisor } from './supervisor';
import type { Terminal } from './terminal';
import type { Watcher } from './watcher';
import { wholeNumber } from './whole-number';
import { openWorld, type World } from './world';

export interface ProjectorFlags
  extends CornerFlags,
    ScrapeFlags,
    Pick<RunInput, 'topology' | 'strategy' | 'consumers' | 'partitions' | 'receiverQueueSize' | 'idempotencyKeys'> {
  readonly subscription: string;
  /** Seconds between two looks of the auditor; 0: only when the store may have gone back in time. */
  readonly auditInterval: string;
  /** Results are published there, and their order is watched. Default: none are. */
  readonly resultTopic?: string;
  /** Count the begins and ends of handlers in the store, which tells overlaps: two calls more for an event. Default off. */
  readonly witnessOverlap?: 'on' | 'off';
}

/**
 * Works until it is asked to stop, then drains: what it holds is finished, the rest goes to others.
 * Loaded by name, when it is asked for. @public
 */
export async function serveProjector(flags: ProjectorFlags, terminal: Terminal): Promise<void> {
  const plan = planOf(readRunInput(inputOf(flags)), { seed: 'service', eventCount: null, killAt: () => 'before:ack' });
  const stop = onInterrupt(terminal);
  let isWorking = false;
  const labels = { topology: plan.topology.subscriptionType, strategy: plan.strategy };
  const scrape = await openScrape(flags, labels, terminal, () => isWorking && !stop.stopping);
  try {
    const world = await openWorld({
      ...placeOf(flags),
      clock: systemClock,
      audit: false,
      journal: null,
      role: 'resident',
      onReconnect: (to) => scrape?.watcher.heard({ kind: 'reconnected', to }),
    });
    try {
      await work({
        plan,
        flags,
        world,
        watcher: scrape?.watcher ?? null,
        stop,
        working: () => (isWorking = true),
        terminal,
      });
    } finally {
      await world.close();
    }
  } finally {
    await scrape?.close();
    stop.release();
  }
}

/** Whoever looks more rarely may leave it. */
const A_DAY_S = 86_400;

interface Work {
  readonly plan: Plan;
  readonly flags: ProjectorFlags;
  readonly world: World;
  readonly watcher: Watcher | null;
  readonly stop: { readonly stopping: boolean };
  readonly working: () => void;
  readonly terminal: Terminal;
}

async function work({ plan, flags, world, watcher, stop, working, terminal }: Work): Promise<void> {
  const { topic, subscription } = flags;
  await world.broker.createTopic(topic, plan.topology.partitionCount);
  await world.broker.createSubscription(topic, subscription);
  const results = await openResultWatch(flags, world, watcher);
  const eventLog = openLogIndex(world.broker, topic);
  const auditor = openAuditor({ plan, flags, world, watcher }, eventLog);
  const crew = new InProcessCrew({
    ...{ plan, world, topic, resultTopic: flags.resultTopic ?? null, subscription, eventLog },
    openRecorder: () => SILENT_RECORDER,
    witnessesOverlap: flags.witnessOverlap === 'on',
    ...(watcher === null ? {} : { watcherOf: (id) => watcher.watcherOf(id) }),
  });
  const supervisor = new Supervisor({
    ...{ plan, clock: systemClock, recorder: SILENT_RECORDER, meter: openCountingMeter() },
    crew: namedAfterProcess(crew),
  });
  try {
    await supervisor.start();
    results?.start();
    auditor?.start();
    working();
    terminal.say(`projector: ${plan.topology.consumerCount} consumers of ${subscription} on ${topic}`);
    await eachSecond(
      systemClock,
      () => stop.stopping,
      async () => {
        supervisor.check();
        /** Statistics that do not come are no reason to stop: the next second asks again. */
        const stats = await world.broker.stats(topic, subscription).catch(() => null);
        if (stats !== null) watcher?.ticked({ ...stats, ...supervisor.load, storeGeneration: world.store.generation });
      },
    );
    await supervisor.stop();
  } finally {
    auditor?.abandon();
    await results?.close();
    crew.disband();
  }
}

/** Every replica asks for the place, and one of them has it. */
async function openResultWatch({ resultTopic: topic }: ProjectorFlags, { broker }: World, watcher: Watcher | null) {
  if (topic === undefined) return null;
  await prepareResultTopic(broker, topic);
  return new ResultWatch({
    ...{ broker, topic, name: `${processName()}-results`, clock: systemClock },
    onResult: (order) => watcher?.heard({ kind: 'result', order }),
  });
}

type AuditedWork = Pick<Work, 'plan' | 'flags' | 'world' | 'watcher'>;

/** The reference design repairs what a store forgot for users who are quiet; several auditors do no harm, by its guard. */
function openAuditor({ plan, flags, world, watcher }: AuditedWork, eventLog: EventLog): HeadAuditor | null {
  if (plan.strategy !== 'version-next-repair') return null;
  const { store } = world;
  const everyS = wholeNumber('--audit-interval', flags.auditInterval, 0, A_DAY_S);
  return new HeadAuditor({
    ...{ store, eventLog, settings: settingsOf(plan, 'auditor'), recorder: SILENT_RECORDER, clock: systemClock },
    everyMs: everyS === 0 ? undefined : everyS * 1_000,
    onRepair: (eventCount) => watcher?.heard({ kind: 'repaired', eventCount }),
  });
}

/**
 * Pulsar spreads the keys of a Key_Shared subscription by the names of its consumers, so two of one name would get the
 * same places on the ring.
 */
function namedAfterProcess(crew: Crew): Crew {
  const own = processName();
  return {
    start: (name, id, observer) => crew.start(`${own}-${name}`, `${own}-${id}`, observer),
    applied: (count) => crew.applied(count),
    disband: () => crew.disband(),
  };
}

function processName(): string {
  return `${hostname()}-${process.pid}`.replace(/[^\w-]/g, '-');
}

function inputOf({
  topology,
  strategy,
  consumers,
  partitions,
  receiverQueueSize,
  idempotencyKeys,
  resultTopic,
}: ProjectorFlags): RunInput {
  const given = { topology, strategy, consumers: consumers ?? 1, partitions, receiverQueueSize, idempotencyKeys };
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(stated), resultTopic: resultTopic !== undefined, audit: 'off', slowHandlers: 'off' };
}

export function placeOf({ broker, store, admin, namespace, keyPrefix }: CornerFlags) {
  return { brokerUrl: broker, storeUrl: store, adminUrl: admin ?? null, namespace, keyPrefix };
}
