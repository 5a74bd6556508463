/**
 * Tally of a load: what is known while it runs and what its report is made of. Memory grows with users, with work in
 * flight and with seconds, and not with events.
 */
import type { PortWatcher } from '../../consumers/observed-ports';
import type { SendOutcome } from '../../producers/producer';
import { EffectStream, type StreamJudgement } from '../../shared/checker/effect-stream';
import type { StoreAnswer, StoreOperation } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import type { Clock } from '../../shared/ports';
import type { Gauges, Watcher } from '../watcher';
import { Latency } from './latency';

/** One second of a load. Latencies in milliseconds, of the effects of that second. */
export interface LoadSecond {
  /** Seconds since the first event. */
  readonly atS: number;
  readonly sent: number;
  readonly applied: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly swapped: number;
  readonly repeated: number;
  readonly backlog: number;
}

export class LoadTally implements Watcher {
  readonly stream = new EffectStream();
  /** From the intended time to the effect, to the broker's answer, and to the send itself. */
  readonly effectLatency = Latency.empty();
  readonly sendLatency = Latency.empty();
  readonly lateness = Latency.empty();
  readonly sends = { sent: 0, stored: 0, failed: 0, unknown: 0 };
  readonly series: LoadSecond[] = [];
  /** Effects by consumer. */
  readonly appliedBy = new Map<string, number>();
  redeliveredCount = 0;
  private readonly ofSecond = Latency.empty();
  private before = { sent: 0, applied: 0, swapped: 0, repeated: 0 };
  private measuredFromMs = Number.POSITIVE_INFINITY;
  private startedAtMs = 0;

  /** `onSecond`: told of each second as it ends. */
  constructor(
    private readonly clock: Clock,
    private readonly onSecond: (second: LoadSecond) => void = () => {},
  ) {}

  /** The first event comes now; what is meant to be sent before the warm-up is over is judged and not measured. */
  start(warmupS: number): void {
    this.startedAtMs = this.clock.nowMs();
    this.measuredFromMs = this.startedAtMs + warmupS * 1_000;
  }

  sent(event: UserEvent): void {
    this.sends.sent += 1;
    if (this.isMeasured(event)) this.lateness.record(this.clock.nowMs() - event.intendedAt);
  }

  settled(event: UserEvent, outcome: SendOutcome): void {
    this.sends[outcome] += 1;
    if (outcome !== 'stored') return;
    this.stream.stored(event);
    if (this.isMeasured(event)) this.sendLatency.record(this.clock.nowMs() - event.intendedAt);
  }

  watcherOf(consumer: string): PortWatcher {
    return {
      received: ({ redeliveryCount }) => {
        if (redeliveryCount > 0) this.redeliveredCount += 1;
      },
      settled: () => {},
      answered: (operation, answer) => this.answered(consumer, operation, answer),
      failed: () => {},
    };
  }

  /** What an effect meant for its user is told by the store's answers. */
  heard(): void {}

  /** Closes the second that has just passed. */
  ticked({ backlog }: Pick<Gauges, 'backlog'>): void {
    const { applied, swapped, repeated } = this.stream.counts;
    const { sent } = this.sends;
    const second: LoadSecond = {
      atS: Math.round((this.clock.nowMs() - this.startedAtMs) / 1_000),
      sent: sent - this.before.sent,
      applied: applied - this.before.applied,
      ...{ p50: this.ofSecond.atPercent(50), p99: this.ofSecond.atPercent(99), max: this.ofSecond.atPercent(100) },
      swapped: swapped - this.before.swapped,
      repeated: repeated - this.before.repeated,
      backlog,
    };
    this.before = { sent, applied, swapped, repeated };
    this.ofSecond.reset();
    this.series.push(second);
    this.onSecond(second);
  }

  /** Something was sent or applied since the last second was closed. */
  get hasNews(): boolean {
    return this.sends.sent > this.before.sent || this.stream.counts.applied > this.before.applied;
  }

  judge(): StreamJudgement {
    return this.stream.judge();
  }

  private answered(consumer: string, operation: StoreOperation, { outcome }: StoreAnswer): void {
    if (operation.name !== 'apply' || outcome !== 'applied') return;
    const { event } = operation;
    if (this.stream.applied(event) === 'repeated') return;
    this.appliedBy.set(consumer, (this.appliedBy.get(consumer) ?? 0) + 1);
    const latencyMs = this.clock.nowMs() - event.intendedAt;
    this.ofSecond.record(latencyMs);
    if (this.isMeasured(event)) this.effectLatency.record(latencyMs);
  }

  private isMeasured({ intendedAt }: UserEvent): boolean {
    return intendedAt >= this.measuredFromMs;
  }
}
