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
import type { Crew } from './crew';
import { InProcessCrew } from './in-process-crew';
import { onInterrupt } from './interrupt';
import { openScrape, type ScrapeFlags } from './scrape';
import { eachSecond } from './seconds';
import type { CornerFlags } from './service-options';
import { SILENT_RECORDER } from './silent-recorder';
import { Supervisor } from './supervisor';
import type { Terminal } from './terminal';
import type { Watcher } from './watcher';
import { openWorld, type World } from './world';

export interface ProjectorFlags
  extends CornerFlags,
    ScrapeFlags,
    Pick<RunInput, 'topology' | 'strategy' | 'consumers' | 'partitions' | 'receiverQueueSize' | 'idempotencyKeys'> {
  readonly subscription: string;
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
  const crew = new InProcessCrew({
    ...{ plan, world, topic, resultTopic: null, subscription },
    eventLog: openLogIndex(world.broker, topic),
    openRecorder: () => SILENT_RECORDER,
    ...(watcher === null ? {} : { watcherOf: (id) => watcher.watcherOf(id) }),
  });
  const supervisor = new Supervisor({
    ...{ plan, clock: systemClock, recorder: SILENT_RECORDER, meter: openCountingMeter() },
    crew: namedAfterProcess(crew),
  });
  try {
    await supervisor.start();
    working();
    terminal.say(`projector: ${plan.topology.consumerCount} consumers of ${subscription} on ${topic}`);
    await eachSecond(
      systemClock,
      () => stop.stopping,
      async () => {
        supervisor.check();
        /** Statistics that do not come are no reason to stop: the next second asks again. */
        const stats = await world.broker.stats(topic, subscription).catch(() => null);
        if (stats !== null)
          watcher?.ticked({ backlog: stats.backlog, ...supervisor.load, storeGeneration: world.store.generation });
      },
    );
    await supervisor.stop();
  } finally {
    crew.disband();
  }
}

/**
 * Pulsar spreads the keys of a Key_Shared subscription by the names of its consumers, so two of one name would get the
 * same places on the ring.
 */
function namedAfterProcess(crew: Crew): Crew {
  const own = `${hostname()}-${process.pid}`.replace(/[^\w-]/g, '-');
  return {
    start: (name, id, observer) => crew.start(`${own}-${name}`, `${own}-${id}`, observer),
    applied: (count) => crew.applied(count),
    disband: () => crew.disband(),
  };
}

function inputOf({
  topology,
  strategy,
  consumers,
  partitions,
  receiverQueueSize,
  idempotencyKeys,
}: ProjectorFlags): RunInput {
  const given = { topology, strategy, consumers: consumers ?? 1, partitions, receiverQueueSize, idempotencyKeys };
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(stated), audit: 'off', slowHandlers: 'off' };
}

export function placeOf({ broker, store, admin, namespace, keyPrefix }: CornerFlags) {
  return { brokerUrl: broker, storeUrl: store, adminUrl: admin ?? null, namespace, keyPrefix };
}
