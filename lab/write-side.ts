/**
 * The write side of a run: writers, the clients that ask them, and the relay that publishes what they appended.
 *
 * Where the embedded parts are used everything lives in this process; the event store is the only thing that writers share.
 */

import { openReader } from '../consumers/reader';
import { runClients } from '../producers/clients';
import { runRelay } from '../producers/relay';
import { seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import type { UserEvent } from '../shared/model/event';
import type { AppBody } from '../shared/model/history';
import type { Plan } from '../shared/model/plan';
import type { WriteSide } from '../shared/model/write-side';
import type { Clock, Meter, Recorder } from '../shared/ports';
import type { CommandPort, EventStore } from '../shared/write-ports';
import { ProcessWriters } from './process-writers';
import type { Recorders } from './recorders';
import { StopRequest } from './stop-request';
import type { Place, World } from './world';
import { InProcessWriter } from './writer-crew';

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
  /** Where writers in processes of their own find the store; null: they live in this process. */
  readonly place: Place | null;
}

/** Entries that one call reads back. */
const PAGE_COUNT_MAX = 1_000;

/** Sends every command of the plan; resolves with the number of appends when what was appended is published. */
export async function runWriteSide(options: WriteSideOptions): Promise<number> {
  const { writeSide, world, store, clock, recorders, stop } = options;
  const strike = (writer: string): void =>
    options.supervisor.record({
      ...{ stream: 'Fault', type: 'struck', fault: 'writer-crash', at: null },
      ...{ consumer: writer, user: null, sequence: null },
    });
  const processes = new ProcessWriters(strike);
  const writers = await openWriters(options, processes, strike);
  const relaying = new StopRequest();
  const relayed = relay(options, relaying);
  /** Heard when it is awaited: a relay that fails early must not end the process before the clients are done. */
  relayed.catch(() => {});
  const recorder = recorders.open('clients');
  const queries = openReader(world.store, clock);
  try {
    await runClients({ rounds: writeSide.rounds, writers, queries, clock, recorder, stop });
  } finally {
    relaying.ask();
    await relayed;
    processes.end();
  }
  return appendCount(store);
}

/** What writers decided, in the order of commits. */
export async function readAppends(store: EventStore, recorders: Recorders): Promise<void> {
  const recorder = recorders.open('append');
  for (let position = 0; ; ) {
    const page = await store.readAfter(position, PAGE_COUNT_MAX);
    for (const { position: place, event, readVersion, commandId: command, writer } of page) {
      const { user, sequence, id: eventId, type } = event;
      const facts = { stream: 'App', type: 'entry', position: place, user, sequence, eventId, event: type } as const;
      recorder.record({ ...facts, email: emailOf(event), readVersion, command, writer } satisfies AppBody);
    }
    const last = page.at(-1);
    if (last === undefined) return;
    position = last.position;
  }
}

function emailOf(event: UserEvent): string | null {
  return event.type === 'UserCreated' || event.type === 'UserEmailChanged' ? event.data.email : null;
}

async function openWriters(
  options: WriteSideOptions,
  processes: ProcessWriters,
  strike: (writer: string) => void,
): Promise<readonly CommandPort[]> {
  const { plan, writeSide, store, clock, topic, world, recorders, place } = options;
  const { settings, crashes, writerCount } = writeSide;
  const random = seededRandom(plan.seed);
  const writers: CommandPort[] = [];
  for (let index = 0; index < writerCount; index += 1) {
    const writer = `w${index + 1}`;
    const mine = crashes.filter((crash) => crash.writer === index);
    if (place !== null) {
      const historyPath = recorders.pathOf(writer);
      const clockOriginMs = systemClock.originMs;
      const job = { writer, settings, crashes: mine, place, seed: plan.seed, topic, historyPath, clockOriginMs };
      writers.push(await processes.start(job));
      continue;
    }
    const publishesItself = settings.publishing !== 'outbox';
    const producer = publishesItself ? await world.broker.createProducer(topic, writer) : null;
    writers.push(
      new InProcessWriter({
        ...{ writer, settings, store, clock, topic, random: random.stream('writer', writer), crashes: mine },
        direct: producer && { producer, recorder: recorders.open(writer) },
        onDeath: () => strike(writer),
      }),
    );
  }
  return writers;
}

async function relay({ writeSide, store, world, topic, clock, meter, recorders }: WriteSideOptions, stop: StopRequest) {
  if (writeSide.settings.publishing !== 'outbox') return;
  const producerName = 'relay';
  const producer = await world.broker.createProducer(topic, producerName);
  const recorder = recorders.open(producerName);
  const stopping = {
    get stopping() {
      return stop.asked;
    },
  };
  await runRelay({ store, producer, producerName, topic, clock, recorder, meter, stop: stopping });
  await producer.close();
}

async function appendCount(store: EventStore): Promise<number> {
  let count = 0;
  for await (const { sequence } of store.heads()) count += sequence;
  return count;
}
