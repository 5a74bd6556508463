/** Figures of the topics behind the write side: a relay beside a bare publisher, and a command over a topic beside a direct call. */
import { RELAY_PAGE_COUNT_MAX, runRelay } from '../producers/relay';
import { openCountingMeter } from '../shared/adapters/counting-meter';
import { systemClock } from '../shared/adapters/system-clock';
import { invariant } from '../shared/model/invariant';
import { CAREFUL } from '../shared/scenarios/command-rounds';
import { encodeEvent } from '../shared/wire';
import type { EventStore } from '../shared/write-ports';
import type { BenchRow } from './bench-authority';
import { CommandService } from './command-service';
import { openEventStore } from './event-store-by-url';
import { spreadOf } from './spread';
import { cornerOf, openWorld, type World } from './world';
import { appendsOf, creation, serviceOver, timed, type WriteLap } from './write-lap';

export interface TopicBenchOptions {
  readonly storeUrl: string;
  readonly brokerUrl: string;
  /** Events and commands of each lap. */
  readonly callCount: number;
  readonly roundCount: number;
}

/** A relay's rate divided by that of a bare publisher over the same client, median of the rounds. */
const RELAY_RATIO_WANTED = 0.7;
/** Commands of a lap are this share of its events: each of them is a round trip or two. */
const COMMAND_SHARE = 5;
const TOPIC = 'users';

/** Errors: as openWorld. */
export async function topicRows(options: TopicBenchOptions): Promise<readonly BenchRow[]> {
  const relays: Rates[] = [];
  const commands: Latencies[] = [];
  for (let round = 0; round < options.roundCount; round += 1) {
    relays.push(await inPlace(options, (place) => relayRound(place, options.callCount, round)));
    commands.push(await inPlace(options, (place) => commandRound(place, Math.ceil(options.callCount / COMMAND_SHARE))));
  }
  return [relayRow(relays, options), commandRow(commands, options)];
}

interface Place {
  readonly world: World;
  readonly store: EventStore;
}

let placeCount = 0;

/** A corner of its own, which is removed. */
async function inPlace<Result>(
  { brokerUrl, storeUrl }: TopicBenchOptions,
  lap: (place: Place) => Promise<Result>,
): Promise<Result> {
  placeCount += 1;
  const corner = cornerOf(`bench-topics-${process.pid}-${placeCount}`);
  const where = { brokerUrl, storeUrl, adminUrl: process.env.ORDERLAB_PULSAR_ADMIN ?? null, ...corner };
  const world = await openWorld({ ...where, clock: systemClock, audit: false, journal: null, role: 'owner' });
  try {
    const store = await openEventStore({ ...where, clock: systemClock, role: 'owner' });
    try {
      return await lap({ world, store });
    } finally {
      await store.close();
    }
  } finally {
    await world.close();
  }
}

/** Events per second. */
interface Rates {
  readonly bare: number;
  readonly relay: number;
}

/** Odd rounds begin with the other one, so that neither always finds the warmer machine. */
async function relayRound(place: Place, count: number, round: number): Promise<Rates> {
  await place.world.broker.createTopic(TOPIC, 0);
  await Promise.all(appendsOf(count).map((append) => place.store.append(append)));
  if (round % 2 === 0) return { bare: await bareRate(place, count), relay: await relayRate(place, count) };
  const relay = await relayRate(place, count);
  return { bare: await bareRate(place, count), relay };
}

/** The same bytes over the same client, with as many sends under way as a relay has, and nothing around them. */
async function bareRate({ world }: Place, count: number): Promise<number> {
  const producer = await world.broker.createProducer(TOPIC, 'bare');
  const messages = appendsOf(count).map(({ event }) => ({
    ...{ key: event.user, payload: encodeEvent(event), properties: {} },
  }));
  const startedMs = performance.now();
  for (let sent = 0; sent < count; sent += RELAY_PAGE_COUNT_MAX)
    await Promise.all(messages.slice(sent, sent + RELAY_PAGE_COUNT_MAX).map((message) => producer.send(message)));
  const elapsedMs = performance.now() - startedMs;
  await producer.close();
  return (count * 1_000) / elapsedMs;
}

async function relayRate({ world, store }: Place, count: number): Promise<number> {
  const producer = await world.broker.createProducer(TOPIC, 'relay');
  const meter = openCountingMeter();
  const startedMs = performance.now();
  const published = await runRelay({
    ...{ store, producer, producerName: 'relay', topic: TOPIC, clock: systemClock, meter },
    ...{ recorder: { record: () => {} }, stop: { stopping: true } },
  });
  const elapsedMs = performance.now() - startedMs;
  await producer.close();
  invariant(published === count, 'a relay publishes what waits');
  return (count * 1_000) / elapsedMs;
}

type Latency = Pick<WriteLap, 'p50Ms' | 'p99Ms'>;

/** Of a command that is asked of an instance itself, and of one that travels on a topic to the same code, and back. */
interface Latencies {
  readonly direct: Latency;
  readonly topic: Latency;
}

async function commandRound({ world, store }: Place, count: number): Promise<Latencies> {
  const service = serviceOver(store, CAREFUL);
  const commands = await CommandService.open({
    ...{ name: 'bench', commandTopic: 'commands', broker: world.broker, clock: systemClock },
    execute: (request) => service.handle(request),
  });
  const direct = await timed(count, (index) => service.handle(creation(index)));
  const topic = await timed(count, (index) => commands.gateway.submit(creation(count + index)));
  await commands.close();
  return { direct, topic };
}

function relayRow(rounds: readonly Rates[], { callCount }: TopicBenchOptions): BenchRow {
  const ratio = spreadOf(rounds.map(({ bare, relay }) => relay / bare)).median;
  const relayPerSecond = Math.round(spreadOf(rounds.map(({ relay }) => relay)).median);
  const barePerSecond = Math.round(spreadOf(rounds.map(({ bare }) => bare)).median);
  return {
    name: `${callCount} events through a relay`,
    said: `${relayPerSecond}/s beside ${barePerSecond}/s of a bare publisher, ratio ${ratio.toFixed(2)} (median; wanted: at least ${RELAY_RATIO_WANTED})`,
    figures: { ratio, relayPerSecond, barePerSecond },
    holds: ratio >= RELAY_RATIO_WANTED,
  };
}

function commandRow(rounds: readonly Latencies[], { callCount }: TopicBenchOptions): BenchRow {
  const median = (of: (round: Latencies) => number): number => spreadOf(rounds.map(of)).median;
  const directP50Ms = median(({ direct }) => direct.p50Ms);
  const directP99Ms = median(({ direct }) => direct.p99Ms);
  const topicP50Ms = median(({ topic }) => topic.p50Ms);
  const topicP99Ms = median(({ topic }) => topic.p99Ms);
  return {
    name: `${Math.ceil(callCount / COMMAND_SHARE)} commands`,
    said: `over a topic and back p50 ${topicP50Ms.toFixed(1)} ms, p99 ${topicP99Ms.toFixed(1)} ms; directly p50 ${directP50Ms.toFixed(1)} ms, p99 ${directP99Ms.toFixed(1)} ms (medians of the rounds)`,
    figures: { topicP50Ms, topicP99Ms, directP50Ms, directP99Ms },
    holds: true,
  };
}
