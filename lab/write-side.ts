/**
 * The write side of a run: writers, the clients that ask them, and the relay that publishes what they appended.
 *
 * Where the embedded parts are used everything lives in this process; the event store is the only thing that writers share.
 */

import { openReader } from '../consumers/reader';
import { runClients } from '../producers/clients';
import { runRelay } from '../producers/relay';
import { isSeededBy } from '../producers/seeder';
import type { Forward } from '../producers/shard-authority';
import { seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import type { UserEvent } from '../shared/model/event';
import type { AppBody, GrantBody, StruckBody } from '../shared/model/history';
import { invariant } from '../shared/model/invariant';
import type { Plan } from '../shared/model/plan';
import type { WriteSide } from '../shared/model/write-side';
import type { Clock, Meter, Recorder } from '../shared/ports';
import type { CommandPort, EventStore } from '../shared/write-ports';
import { openCommandTopic } from './command-topic';
import type { Handler, HandlerLife } from './handler-crew';
import { InProcessHandler } from './in-process-handler';
import { type FaultsOfRun, faultsOver } from './lasting-load';
import { NEVER } from './life';
import { ProcessWriters } from './process-writers';
import type { Recorders } from './recorders';
import { runRelays } from './relays';
import { lifecycleOf, StopRequest } from './stop-request';
import type { Place, World } from './world';
import { InProcessWriter } from './writer-crew';
import type { HandlerPlace, WriterJob } from './writer-job';
import type { WriterOutage } from './writer-outage';
import { WriterPauses } from './writer-pauses';
import { type WriterLife, WriterSeat } from './writer-seat';

export interface WriteSideOptions {
  readonly plan: Plan;
  readonly writeSide: WriteSide;
  readonly world: World;
  readonly store: EventStore;
  readonly topic: string;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly recorders: Recorders;
  /** Takes the faults that struck. */
  readonly supervisor: Recorder;
  readonly stop: { readonly stopping: boolean };
  /** Until when the last commands wait. */
  readonly faults: FaultsOfRun;
  /** Where writers in processes of their own find the store; null: they live in this process. */
  readonly place: Place | null;
  /** Hears of deaths and of what is accepted. */
  readonly outage: WriterOutage;
}

/** Entries that one call reads back. */
const PAGE_COUNT_MAX = 1_000;
/** Pause between two looks at a request record, and how long its pruning may take beyond its time to live, in milliseconds. */
const PRUNED_PAUSE_MS = 10;
const PRUNED_DEADLINE_MS = 60_000;

/** Sends every command of the plan; resolves with the number of appends when what was appended is published. */
export async function runWriteSide(options: WriteSideOptions): Promise<number> {
  const { writeSide, world, store, clock, recorders, stop } = options;
  const processes = new ProcessWriters();
  const service = await openWriters(options, processes);
  const relaying = new StopRequest();
  const relayed = relay(options, relaying);
  /** Heard when it is awaited: a relay that fails early must not end the process before the clients are done. */
  relayed.catch(() => {});
  const recorder = recorders.open('clients');
  const queries = openReader(world.store, clock);
  try {
    const asking = runClients({
      ...{ rounds: writeSide.rounds, writers: service.ports, queries, clock, recorder, stop },
      mayBegin: (followingCount) => lastWaits(followingCount, options),
      meanwhile: (round) => service.meanwhile(round),
      pruned: (requestKey) => untilPruned(requestKey, options),
    });
    asking.catch(() => {});
    /** Where the relay seeds, nothing is accepted without it: clients would ask in vain. */
    await Promise.race([asking, service.failed, relayed.then(() => NEVER)]);
    await service.close();
  } finally {
    relaying.ask();
    processes.end();
    await relayed;
  }
  return appendCount(store);
}

/** As many commands as a fault needs behind it wait until all are over. */
async function lastWaits(followingCount: number, { plan, faults }: WriteSideOptions): Promise<void> {
  if (followingCount < plan.floors.appliedAroundFaultMin) await faultsOver(faults);
}

/** The store itself says when it has forgotten: a clock would only guess. */
async function untilPruned(requestKey: string, { store, clock, writeSide }: WriteSideOptions): Promise<void> {
  const { requestTtlMs } = writeSide.settings;
  invariant(requestTtlMs !== null, 'who waits for a record to be pruned has one that is');
  const deadlineMs = requestTtlMs + PRUNED_DEADLINE_MS;
  const lateMs = clock.nowMs() + deadlineMs;
  while ((await store.requestOf(requestKey)) !== null) {
    if (clock.nowMs() > lateMs)
      throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'the pruning of a request record', deadlineMs });
    await clock.sleep(PRUNED_PAUSE_MS);
  }
}

/** What writers decided, in the order of commits, and between it who was granted which shard. */
export async function readAppends(store: EventStore, recorders: Recorders): Promise<void> {
  const recorder = recorders.open('append');
  const grants = [...(await store.grants())];
  const recordGrants = (position: number): void => {
    for (; grants[0] !== undefined && grants[0].after < position; grants.shift())
      recorder.record({ stream: 'App', type: 'grant', ...grants[0] } satisfies GrantBody);
  };
  for (let position = 0; ; ) {
    const page = await store.readAfter(position, PAGE_COUNT_MAX);
    for (const { position: place, event, readVersion, commandId: command, writer, authority } of page) {
      recordGrants(place);
      const { user, sequence, id: eventId, type } = event;
      const facts = { stream: 'App', type: 'entry', position: place, user, sequence, eventId, event: type } as const;
      const shown = authority === undefined ? {} : { authority };
      recorder.record({ ...facts, email: emailOf(event), readVersion, command, writer, ...shown } satisfies AppBody);
    }
    const last = page.at(-1);
    if (last === undefined) break;
    position = last.position;
  }
  recordGrants(Number.POSITIVE_INFINITY);
}

function emailOf(event: UserEvent): string | null {
  return event.type === 'UserCreated' || event.type === 'UserEmailChanged' ? event.data.email : null;
}

/** Whom clients ask, and what happens to those who execute what was asked. */
interface Writers {
  readonly ports: readonly CommandPort[];
  meanwhile(round: number): Promise<void>;
  /** Never resolves. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

async function openWriters(options: WriteSideOptions, processes: ProcessWriters): Promise<Writers> {
  const { writeSide, outage, supervisor, world, clock } = options;
  if (writeSide.commandTopic === null)
    return {
      ports: await takeSeats(options, processes),
      meanwhile: async () => {},
      failed: NEVER,
      close: async () => {},
    };
  return openCommandTopic({
    ...{ commandTopic: writeSide.commandTopic, handlerCount: writeSide.writerCount, broker: world.broker, clock },
    crashes: writeSide.crashes,
    onAccepted: () => outage.accepted(),
    onDeath: (writer, user) => noteDeath(writer, user, outage, supervisor),
    begin: (life, handles) => beginHandler(life, handles, options, processes),
  });
}

function noteDeath(writer: string, user: string | null, outage: WriterOutage, supervisor: Recorder): void {
  outage.died();
  noteStruck('writer-crash', writer, user, supervisor);
}

function noteStruck(fault: StruckBody['fault'], consumer: string, user: string | null, supervisor: Recorder): void {
  supervisor.record({ stream: 'Fault', type: 'struck', fault, at: null, consumer, user, sequence: null });
}

async function beginHandler(
  life: HandlerLife,
  handles: HandlerPlace,
  options: WriteSideOptions,
  processes: ProcessWriters,
): Promise<Handler> {
  const { place, plan, writeSide, store, clock, topic, world } = options;
  if (place !== null) return processes.startHandler(jobOf(life, handles, options, place), life.onDeath, life.onBroken);
  const random = seededRandom(plan.seed).stream('writer', life.id);
  const { settings } = writeSide;
  return new InProcessHandler({
    ...{ ...life, ...handles, world },
    writer: { writer: life.id, settings, store, clock, topic, random, direct: null },
  });
}

async function takeSeats(options: WriteSideOptions, processes: ProcessWriters): Promise<readonly CommandPort[]> {
  const { outage, supervisor, clock } = options;
  const { writerCount, crashes } = options.writeSide;
  const pauses = new WriterPauses(options.writeSide.pauses, clock);
  const onAccepted = (): void => outage.accepted();
  const onDeath = (writer: string): void => noteDeath(writer, null, outage, supervisor);
  const onPause = (writer: string): void => noteStruck('writer-pause', writer, null, supervisor);
  const seats = Array.from({ length: writerCount }, (_, index) => {
    const mine = crashes.filter((crash) => crash.writer === index);
    const begin = (life: WriterLife) =>
      options.place === null
        ? beginInProcess(life, options, forward)
        : beginInProcessOfItsOwn(life, options, options.place, processes);
    return new WriterSeat({ writer: `w${index + 1}`, crashes: mine, pauses, begin, onDeath, onPause, onAccepted });
  });
  const forward: Forward = (owner, request) => {
    const seat = seats.find(({ writer }) => owner.startsWith(`${writer}.`));
    invariant(seat !== undefined, 'whoever owns a shard has a seat');
    return seat.submitTo(owner, request);
  };
  for (const seat of seats) await seat.take();
  return seats.map((seat) => pauses.around(seat));
}

async function beginInProcess(life: WriterLife, options: WriteSideOptions, forward: Forward): Promise<CommandPort> {
  const { plan, writeSide, store, clock, topic, world, recorders } = options;
  const { settings } = writeSide;
  const producer = settings.publishing === 'outbox' ? null : await world.broker.createProducer(topic, life.id);
  return new InProcessWriter({
    ...{ writer: life.id, settings, store, clock, topic, crash: life.crash, onDeath: life.onDeath },
    ...{ stand: life.stand, forward },
    random: seededRandom(plan.seed).stream('writer', life.id),
    direct: producer && { producer, recorder: recorders.open(life.id) },
  });
}

function beginInProcessOfItsOwn(
  life: WriterLife,
  options: WriteSideOptions,
  place: Place,
  processes: ProcessWriters,
): Promise<CommandPort> {
  return processes.start(jobOf(life, null, options, place), life.onDeath, life.stand);
}

function jobOf(
  { id: writer, crash }: Pick<WriterLife, 'id' | 'crash'>,
  handles: HandlerPlace | null,
  { plan: { seed }, writeSide: { settings, pauses }, topic, recorders }: WriteSideOptions,
  place: Place,
): WriterJob {
  const history = { historyPath: recorders.pathOf(writer), clockOriginMs: systemClock.originMs };
  const standsAt = pauses.map(({ commandId }) => commandId);
  return { writer, settings, crash, standsAt, place, seed, topic, handles, ...history };
}

async function relay(options: WriteSideOptions, stop: StopRequest): Promise<void> {
  const { writeSide, store, world, topic, clock, meter, recorders } = options;
  if (writeSide.settings.publishing !== 'outbox') return;
  const producerName = 'relay';
  const recorder = recorders.open(producerName);
  const seeding = { store, broker: world.broker, topic };
  const isGuarded = writeSide.settings.authority?.guardsIncarnation === true;
  const seeds = isGuarded ? { beforeRound: () => isSeededBy(seeding) } : {};
  const work = { store, topic, clock, recorder, meter, ...seeds };
  if (writeSide.relay !== null) {
    const onDeath = (name: string) => noteStruck('relay-crash', name, null, options.supervisor);
    return runRelays({ ...work, settings: writeSide.relay, broker: world.broker, stop, onDeath });
  }
  const producer = await world.broker.createProducer(topic, producerName);
  await runRelay({ ...work, producer, producerName, stop: lifecycleOf(stop) });
  await producer.close();
}

async function appendCount(store: EventStore): Promise<number> {
  let count = 0;
  for await (const { sequence } of store.heads()) count += sequence;
  return count;
}
