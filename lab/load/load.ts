/**
 * A load: events come by a schedule whatever the system does with those before, and what becomes of them is measured
 * from the time at which they were meant to be sent (no coordinated omission). Order, repeats and losses are judged per
 * user while it runs, from what the store answers.
 */
import { arrivalOffsetsMs } from '../../producers/arrival';
import { Numbering } from '../../producers/numbering';
import { paddingProducer } from '../../producers/padding';
import { runProducer } from '../../producers/producer';
import { syntheticDrafts } from '../../producers/synthetic';
import type { EventDraft } from '../../producers/trace';
import { type CountingMeter, openCountingMeter } from '../../shared/adapters/counting-meter';
import { openLogIndex } from '../../shared/adapters/log-index';
import { seededIds, seededRandom } from '../../shared/adapters/seeded-random';
import type { UserEvent } from '../../shared/model/event';
import { invariant } from '../../shared/model/invariant';
import type { TopicStats } from '../../shared/model/subscription';
import type { FloorReport } from '../../shared/model/verdict';
import type { Clock } from '../../shared/ports';
import { SUBSCRIPTION, TOPIC } from '../experiment';
import { InProcessCrew } from '../in-process-crew';
import { installation } from '../installation';
import { type Quiescence, quiescence } from '../quiescence';
import { eachSecond } from '../seconds';
import { SILENT_RECORDER } from '../silent-recorder';
import { Supervisor } from '../supervisor';
import { openTrace } from '../trace-source';
import { type Watcher, watchingAll } from '../watcher';
import { openWorld, type Place, type World } from '../world';
import { judgeLoad, type LoadReport } from './load-report';
import type { LoadSettings } from './load-settings';
import { type LoadSecond, LoadTally } from './load-tally';

export interface LoadOptions {
  readonly settings: LoadSettings;
  readonly place: Place;
  readonly clock: Clock;
  /** Once stopping, no event is sent any more; what was sent is judged, but never found valid. */
  readonly stop: { readonly stopping: boolean };
  readonly replay: string;
  /** Told of everything that passes, beside the tally; default: nobody. */
  readonly watcher?: Watcher;
  /** Told of each second as it ends; default: nobody. */
  readonly onSecond?: (second: LoadSecond) => void;
  /** Names drawn users (`u-1`, the busiest, and so on) anew; default: as they are. */
  readonly nameOf?: (user: string) => string;
}

const SECOND_MS = 1_000;
/** Below this share of the rate that was asked for, the load was another one. */
const RATE_SHARE_MIN = 0.9;

export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { place, clock } = options;
  const onReconnect = (to: 'broker' | 'store') => options.watcher?.heard({ kind: 'reconnected', to });
  const world = await openWorld({ ...place, clock, audit: false, journal: null, role: 'owner', onReconnect });
  try {
    return await new Load(options, world).perform();
  } finally {
    await world.close();
  }
}

class Load {
  private readonly tally: LoadTally;
  private readonly watcher: Watcher;
  private readonly meter: CountingMeter = openCountingMeter();
  private readonly crew: InProcessCrew;
  private readonly supervisor: Supervisor;
  private stats: TopicStats = { backlog: 0, unackedCount: 0, drainingHashCount: 0 };
  private isOver = false;

  constructor(
    private readonly options: LoadOptions,
    private readonly world: World,
  ) {
    const { clock, settings, watcher, onSecond } = options;
    const { plan } = settings;
    this.tally = new LoadTally(clock, onSecond);
    this.watcher = watcher === undefined ? this.tally : watchingAll([this.tally, watcher]);
    this.crew = new InProcessCrew({
      ...{ plan, world, topic: TOPIC, resultTopic: null, subscription: SUBSCRIPTION },
      eventLog: openLogIndex(world.broker, TOPIC),
      openRecorder: () => SILENT_RECORDER,
      watcherOf: (id) => this.watcher.watcherOf(id),
    });
    this.supervisor = new Supervisor({ plan, clock, crew: this.crew, recorder: SILENT_RECORDER, meter: this.meter });
  }

  async perform(): Promise<LoadReport> {
    const { clock, settings } = this.options;
    const { broker } = this.world;
    await broker.createTopic(TOPIC, settings.plan.topology.partitionCount);
    await broker.createSubscription(TOPIC, SUBSCRIPTION);
    try {
      await this.supervisor.start();
      const startedAtMs = clock.nowMs();
      this.tally.start(settings.shape.warmupS);
      const seconds = this.countSeconds();
      await this.publish();
      const publishedMs = clock.nowMs() - startedAtMs;
      const ended = await this.untilQuiescence();
      const elapsedMs = clock.nowMs() - startedAtMs;
      this.isOver = true;
      await seconds;
      await this.supervisor.stop();
      return this.report(ended, publishedMs, elapsedMs);
    } finally {
      this.isOver = true;
      this.crew.disband();
    }
  }

  private async publish(): Promise<void> {
    const { clock, settings, stop, nameOf } = this.options;
    const { plan, shape } = settings;
    const bare = await this.world.broker.createProducer(TOPIC, 'load');
    const producer = shape.payloadBytes > 0 ? paddingProducer(bare, shape.payloadBytes) : bare;
    await runProducer({
      ...{
        events: eventsOf(settings, nameOf),
        producer,
        producerName: 'load',
        topic: TOPIC,
        clock,
        meter: this.meter,
        stop,
      },
      ...{
        sendsInFlightMax: plan.sendsInFlightMax,
        sendsDueAtOnce: true,
        schedule: plan.rate,
        recorder: SILENT_RECORDER,
        watcher: this.watcher,
      },
    });
    await producer.close();
  }

  private async untilQuiescence(): Promise<Quiescence> {
    return quiescence({
      clock: this.options.clock,
      backlog: () => this.askBacklog(),
      load: () => this.supervisor.load,
      counts: () => this.meter.counts,
      check: () => this.supervisor.check(),
    });
  }

  private async askBacklog(): Promise<number> {
    this.stats = await this.world.broker.stats(TOPIC, SUBSCRIPTION);
    return this.stats.backlog;
  }

  private async countSeconds(): Promise<void> {
    const { clock } = this.options;
    await eachSecond(
      clock,
      () => this.isOver,
      async () => {
        /** Statistics that do not come are no reason to end a load: the last ones stand. */
        await this.askBacklog().catch(() => {});
        this.watcher.ticked({
          ...this.stats,
          ...this.supervisor.load,
          storeGeneration: this.world.store.generation,
        });
      },
    );
    if (this.tally.hasNews) this.tally.ticked(this.stats);
  }

  private report(ended: Quiescence, publishedMs: number, elapsedMs: number): LoadReport {
    const { settings, stop, replay } = this.options;
    const { plan, shape } = settings;
    const { tally } = this;
    const judgement = tally.judge();
    const { sends } = tally;
    const sentPerSecond = perSecond(sends.sent, publishedMs);
    const floors = this.floors(sentPerSecond, judgement.contendedUserCount);
    return {
      ...judgeLoad({ judgement, ended, sends, floors, isInterrupted: stop.stopping }),
      ...{ floors, topology: plan.topology, strategy: plan.strategy, shape },
      counts: {
        ...{ ...sends, applied: judgement.appliedCount, users: judgement.userCount },
        ...{ swapped: judgement.swapped.count, repeated: judgement.repeated.count, lost: judgement.lost.count },
        ...{ duplicatesAbsorbed: this.meter.counts.absorbed, redelivered: tally.redeliveredCount },
      },
      rates: { asked: shape.ratePerSecond, sent: sentPerSecond, applied: perSecond(judgement.appliedCount, elapsedMs) },
      ...{ latency: tally.effectLatency.figures, sendLatency: tally.sendLatency.figures },
      ...{ lateness: tally.lateness.figures, series: tally.series },
      histograms: {
        latency: tally.effectLatency.encoded,
        sendLatency: tally.sendLatency.encoded,
        lateness: tally.lateness.encoded,
      },
      ...{ seed: plan.seed, replay, versions: installation.versions },
    };
  }

  /** How much must have happened for the verdict to count. */
  private floors(sentPerSecond: number, contendedUserCount: number): readonly FloorReport[] {
    const { plan, shape } = this.options.settings;
    const { consumerCountMin, consumerShareMin, contendedUserCountMin } = plan.floors;
    const { applied } = this.tally.stream.counts;
    const busy = [...this.tally.appliedBy.values()].filter((count) => count >= applied * consumerShareMin).length;
    const percent = `${Math.round(consumerShareMin * 100)} %`;
    return [
      floor(
        `consumers that each applied at least ${percent} of the events`,
        Math.min(consumerCountMin, plan.topology.consumerCount),
        busy,
      ),
      floor('users with at least two events', contendedUserCountMin, contendedUserCount),
      ...(shape.ratePerSecond === null
        ? []
        : [floor('share of the rate that was sent', RATE_SHARE_MIN, Math.min(1, sentPerSecond / shape.ratePerSecond))]),
    ];
  }
}

function floor(name: string, required: number, reached: number): FloorReport {
  return { name, required, reached, holds: reached >= required };
}

function perSecond(count: number, elapsedMs: number): number {
  return (count * SECOND_MS) / Math.max(elapsedMs, 1);
}

/**
 * The events of a load, with their arrivals as their own time. `nameOf` names the users anew. Drawn events
 * come one by one without a promise between: a generator that is slower than the client measures itself.
 */
export function eventsOf(
  { plan, shape }: LoadSettings,
  nameOf: (user: string) => string = (user) => user,
): AsyncIterable<UserEvent> | Iterable<UserEvent> {
  const { workload } = plan;
  const random = seededRandom(plan.seed);
  const numbering = new Numbering(seededIds(random.stream('ids', 'events')));
  if (workload.kind === 'trace') return numbered(openTrace(workload.trace, false), numbering);
  invariant(workload.kind === 'synthetic', 'a load is drawn or recorded');
  const offsetsMs = arrivalOffsetsMs(shape.arrival, shape.ratePerSecond ?? 1, random.stream('load', 'arrival'));
  return drawn(syntheticDrafts(workload, random, { offsetsMs, nameOf }), numbering);
}

function* drawn(drafts: Iterable<EventDraft>, numbering: Numbering): Generator<UserEvent> {
  for (const draft of drafts) yield numbering.number(draft);
}

async function* numbered(drafts: AsyncIterable<EventDraft>, numbering: Numbering): AsyncGenerator<UserEvent> {
  for await (const draft of drafts) yield numbering.number(draft);
}
