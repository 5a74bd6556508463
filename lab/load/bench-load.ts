/**
 * Bench of the load generator: how much of what the bare client can publish does a load process reach, with its schedule,
 * its tally and its metrics? Laps of both in turn, since a machine that others use changes between one and the next.
 */
import { runProducer } from '../../producers/producer';
import { openCountingMeter } from '../../shared/adapters/counting-meter';
import { openMetricSheet } from '../../shared/adapters/prometheus-sheet';
import { systemClock } from '../../shared/adapters/system-clock';
import type { Producer } from '../../shared/ports';
import type { Lap } from '../drain-lap';
import { TOPIC } from '../experiment';
import { metricWatcher } from '../metric-watcher';
import { SILENT_RECORDER } from '../silent-recorder';
import { watchingAll } from '../watcher';
import { cornerOf, openWorld } from '../world';
import { bareMessages, sendBare } from './bare-sender';
import type { LatencyFigures } from './latency';
import { eventsOf } from './load';
import { readLoadInput } from './load-settings';
import { LoadTally } from './load-tally';

export interface LoadBenchOptions {
  readonly brokerUrl: string;
  readonly adminUrl: string | null;
  /** Messages of each lap. */
  readonly eventCount: number;
  readonly roundCount: number;
  readonly onRound: (round: LoadRound) => void;
}

export interface LoadRound {
  /** The client alone: bytes that were made before, as many in flight as the load has. */
  readonly bare: Lap;
  readonly load: Lap;
  /** The load, scraped all the time. */
  readonly scraped: Lap;
}

export interface LoadBench {
  readonly rounds: readonly LoadRound[];
  /** At half the bare rate: from the intended time to the send, in milliseconds. */
  readonly lateness: LatencyFigures;
  /** Processor time of one scrape, in milliseconds. */
  readonly scrapeCpuMs: number;
}

const SENDS_IN_FLIGHT = 1_000;
/** Prometheus asks every few seconds; this asks as often as that in so short a lap. */
const SCRAPE_INTERVAL_MS = 250;
const SECOND_MS = 1_000;
const MICROS_PER_MS = 1_000;
/** Of the cost of one: as many before, so that the code is warm. */
const SCRAPE_COUNT = 100;

type LapRun = (producer: Producer, options: LoadBenchOptions) => Promise<Lap>;

const NO_LAP: Lap = { eventsPerSecond: 0, cpuMicrosPerEvent: 0 };

/** Interleaved rounds, then the clock error. Loaded by name, when it is asked for. @public */
export async function benchLoad(options: LoadBenchOptions): Promise<LoadBench> {
  const rounds: LoadRound[] = [];
  for (let index = 0; index < options.roundCount; index += 1) {
    const round = await runRound(options, index);
    rounds.push(round);
    options.onRound(round);
  }
  const bareMean = rounds.reduce((sum, { bare }) => sum + bare.eventsPerSecond, 0) / rounds.length;
  return { rounds, lateness: await latenessAt(bareMean / 2, options), scrapeCpuMs: await scrapeCpuMs() };
}

/** The same whatever was counted: every series of the table is there from the start. */
async function scrapeCpuMs(): Promise<number> {
  const sheet = openMetricSheet({ topology: 'key-shared', strategy: 'version-next-repair' });
  for (let index = 0; index < SCRAPE_COUNT; index += 1) await sheet.text();
  const cpu = process.cpuUsage();
  for (let index = 0; index < SCRAPE_COUNT; index += 1) await sheet.text();
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / MICROS_PER_MS / SCRAPE_COUNT;
}

/** Each round begins with another one, so that none always finds the warmer machine. */
async function runRound(options: LoadBenchOptions, index: number): Promise<LoadRound> {
  const laps: readonly (readonly [keyof LoadRound, LapRun])[] = [
    ['bare', bareLap],
    ['load', (producer, lap) => loadLap(producer, lap, false)],
    ['scraped', (producer, lap) => loadLap(producer, lap, true)],
  ];
  const round = { bare: NO_LAP, load: NO_LAP, scraped: NO_LAP };
  for (let turn = 0; turn < laps.length; turn += 1) {
    const [name, lap] = laps[(index + turn) % laps.length] ?? ['bare', bareLap];
    round[name] = await onFreshTopic(options, `${index}-${name}`, (producer) => lap(producer, options));
  }
  return round;
}

async function bareLap(producer: Producer, { eventCount }: LoadBenchOptions): Promise<Lap> {
  const messages = await bareMessages(settingsOf(eventCount));
  return timed(eventCount, () => sendBare(producer, messages, SENDS_IN_FLIGHT));
}

async function loadLap(producer: Producer, { eventCount }: LoadBenchOptions, isScraped: boolean): Promise<Lap> {
  const sheet = openMetricSheet({ topology: 'key-shared', strategy: 'version-next-repair' });
  const tally = new LoadTally(systemClock);
  tally.start(0);
  const watcher = watchingAll([tally, metricWatcher(sheet, systemClock)]);
  const scrapes = isScraped ? setInterval(() => void sheet.text(), SCRAPE_INTERVAL_MS) : undefined;
  try {
    return await timed(eventCount, async () => {
      await runProducer({
        ...{ events: eventsOf(settingsOf(eventCount)), producer, producerName: 'load', topic: TOPIC, watcher },
        ...{ clock: systemClock, recorder: SILENT_RECORDER, meter: openCountingMeter() },
        ...{ sendsInFlightMax: SENDS_IN_FLIGHT, sendsDueAtOnce: true, schedule: null },
      });
    });
  } finally {
    clearInterval(scrapes);
  }
}

async function latenessAt(rate: number, options: LoadBenchOptions): Promise<LatencyFigures> {
  const tally = new LoadTally(systemClock);
  await onFreshTopic(options, 'late', async (producer) => {
    tally.start(0);
    await runProducer({
      ...{
        events: eventsOf(settingsOf(options.eventCount)),
        producer,
        producerName: 'load',
        topic: TOPIC,
        watcher: tally,
      },
      ...{ clock: systemClock, recorder: SILENT_RECORDER, meter: openCountingMeter() },
      ...{ sendsInFlightMax: SENDS_IN_FLIGHT, sendsDueAtOnce: true, schedule: { perSecond: rate } },
    });
    return NO_LAP;
  });
  return tally.lateness.figures;
}

function settingsOf(eventCount: number) {
  return readLoadInput({ rate: String(eventCount), duration: '1' }, '7');
}

async function onFreshTopic(
  { brokerUrl, adminUrl }: LoadBenchOptions,
  name: string,
  lap: (producer: Producer) => Promise<Lap>,
): Promise<Lap> {
  const corner = cornerOf(`bench-load-${name}-${Date.now().toString(36)}`);
  const world = await openWorld({
    ...{ brokerUrl, storeUrl: 'embedded:', adminUrl, ...corner, clock: systemClock, audit: false, journal: null },
    role: 'owner',
  });
  try {
    await world.broker.createTopic(TOPIC, 0);
    const producer = await world.broker.createProducer(TOPIC, 'bench');
    const measured = await lap(producer);
    await producer.close();
    return measured;
  } finally {
    await world.close();
  }
}

async function timed(eventCount: number, work: () => Promise<void>): Promise<Lap> {
  const startedAtMs = systemClock.nowMs();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    eventsPerSecond: (eventCount * SECOND_MS) / (systemClock.nowMs() - startedAtMs),
    cpuMicrosPerEvent: (user + system) / eventCount,
  };
}
