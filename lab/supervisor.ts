/**
 * Supervisor: starts consumers, lets faults strike them, and records what happened to each.
 *
 * It is the only one that knows both the plan and the consumers. A consumer meets its fate at the points that it
 * announces (Lifecycle), so a kill falls between two named steps and never by a timer.
 */
import type { ConsumerPorts } from '../consumers/performer';
import { type Projector, startProjector } from '../consumers/projector';
import { STRATEGIES } from '../consumers/strategies/index';
import type { JsonlRecorder } from '../shared/adapters/jsonl-recorder';
import { openLogIndex } from '../shared/adapters/log-index';
import type { FaultBody } from '../shared/model/history';
import { invariant } from '../shared/model/invariant';
import type { MeterName } from '../shared/model/metric';
import type { EventRef, Plan, Point } from '../shared/model/plan';
import type { StrategySettings } from '../shared/model/strategy';
import type { Consumer, EventLog, Lifecycle, Meter } from '../shared/ports';
import { FaultArm, type MembershipFault, type Situation } from './fault-arm';
import { GateKeeper } from './gate-keeper';
import { Life, mortal, NEVER } from './life';
import type { World } from './world';

/** Deliveries that one consumer may hold unacknowledged, parked ones included. */
export const UNACKED_COUNT_MAX = 1_000;
/** How long a gap may wait for its predecessor before the log is read. */
const GAP_DEADLINE_MS = 200;
/** Pause before a failed action is tried again. */
const RETRY_BACKOFF_MS = 50;
/** How long consumers may take to drain when the run ends. */
const DRAIN_DEADLINE_MS = 10_000;
const DRAIN_POLL_MS = 5;

export interface SupervisorOptions {
  readonly plan: Plan;
  readonly world: World;
  readonly topic: string;
  readonly resultTopic: string | null;
  readonly subscription: string;
  readonly recorder: JsonlRecorder;
  readonly openRecorder: (name: string) => JsonlRecorder;
  readonly meter: Meter;
}

/** One life of one consumer. */
interface Incarnation {
  readonly name: string;
  /** `c1#1`: consumer name and life. */
  readonly id: string;
  readonly life: Life;
  readonly consumer: Consumer;
  readonly recorder: JsonlRecorder;
  readonly stop: Stop;
  projector: Projector | null;
  unacknowledgedCount: number;
}

export class Supervisor {
  private readonly live: Incarnation[] = [];
  private readonly faults: FaultArm;
  private readonly gates: GateKeeper;
  private readonly eventLog: EventLog;
  private readonly lives = new Map<string, number>();
  private readonly changes: Promise<void>[] = [];
  private appliedCount = 0;
  private joinedCount = 0;
  private broken: { readonly thrown: unknown } | null = null;

  constructor(private readonly options: SupervisorOptions) {
    this.faults = new FaultArm(options.plan.faults);
    this.gates = new GateKeeper(options.plan.gates);
    this.eventLog = openLogIndex(options.world.broker, options.topic);
  }

  /** Connects the plan's consumers, in order, before anything is published. */
  async start(): Promise<void> {
    for (let index = 0; index < this.options.plan.topology.consumerCount; index += 1) await this.join(this.nextName());
  }

  /** Deliveries in hand at all live consumers and, of those, parked. */
  get load(): { readonly inHandCount: number; readonly parkedCount: number } {
    const loads = this.live.map(({ projector }) => projector?.load ?? { inHandCount: 0, parkedCount: 0 });
    return {
      inHandCount: loads.reduce((sum, { inHandCount }) => sum + inHandCount, 0),
      parkedCount: loads.reduce((sum, { parkedCount }) => sum + parkedCount, 0),
    };
  }

  /** Faults of the plan that have not struck yet. */
  get armedCount(): number {
    return this.faults.armedCount;
  }

  /** Rethrows what stopped a consumer: a run does not outlive a defect of its own. */
  check(): void {
    if (this.broken !== null) throw this.broken.thrown;
  }

  /** Drains every consumer. All stop receiving before the first one closes, so that nothing wanders on between them. */
  async stop(): Promise<void> {
    await Promise.all(this.changes);
    for (const { stop } of this.live) stop.ask();
    for (const incarnation of [...this.live]) await this.retire(incarnation);
  }

  private nextName(): string {
    this.joinedCount += 1;
    return `c${this.joinedCount}`;
  }

  private async join(name: string): Promise<void> {
    const { world, plan, topic, subscription, recorder, openRecorder } = this.options;
    const lifeNumber = (this.lives.get(name) ?? 0) + 1;
    this.lives.set(name, lifeNumber);
    const id = `${name}#${lifeNumber}`;
    recorder.record({ stream: 'Cause', type: 'join', consumer: id });
    const { subscriptionType: type, receiverQueueSize } = plan.topology;
    const consumer = await world.broker.subscribe({ topic, subscription, type, consumerName: name, receiverQueueSize });
    const incarnation: Incarnation = {
      name,
      id,
      life: new Life(),
      consumer,
      recorder: openRecorder(id),
      stop: new Stop(),
      projector: null,
      unacknowledgedCount: 0,
    };
    this.live.push(incarnation);
    await this.startWork(incarnation);
  }

  private async startWork(incarnation: Incarnation): Promise<void> {
    const { plan } = this.options;
    const projector = startProjector({
      strategy: STRATEGIES[plan.strategy],
      settings: this.settingsOf(incarnation.id),
      context: plan.context,
      ports: mortal(await this.portsOf(incarnation), incarnation.life),
      meter: { count: (name, amount) => this.count(name, amount ?? 1) },
      unackedCountMax: UNACKED_COUNT_MAX,
      witnessesOverlap: plan.audit,
    });
    incarnation.projector = projector;
    projector.finished.catch((thrown: unknown) => {
      this.broken ??= { thrown };
    });
  }

  private settingsOf(owner: string): StrategySettings {
    const { plan } = this.options;
    return {
      owner,
      idempotencyKeys: plan.idempotencyKeys,
      markerTtlMs: plan.markerTtlMs,
      publishesResult: plan.publishesResult,
      onFailure: plan.onFailure,
      retryBackoffMs: RETRY_BACKOFF_MS,
      gapDeadlineMs: GAP_DEADLINE_MS,
      unlistened: plan.context.unlistened,
      listensTo: plan.context.listensTo,
    };
  }

  private async portsOf(incarnation: Incarnation): Promise<ConsumerPorts> {
    const { world, resultTopic } = this.options;
    const producer = resultTopic && (await world.broker.createProducer(resultTopic, incarnation.id));
    return {
      clock: world.clock,
      consumer: incarnation.consumer,
      store: world.store,
      eventLog: this.eventLog,
      lifecycle: this.lifecycleOf(incarnation),
      recorder: incarnation.recorder,
      results: resultTopic && producer ? { topic: resultTopic, producer } : null,
    };
  }

  private lifecycleOf(incarnation: Incarnation): Lifecycle {
    return {
      reached: (point, event) => this.reached(incarnation, point, event),
      get stopping() {
        return incarnation.stop.asked;
      },
      whenStopping: incarnation.stop.whenAsked,
    };
  }

  private reached(incarnation: Incarnation, point: Point, event: EventRef): 'go' | Promise<'go' | 'fail'> {
    if (point === 'after:receive') incarnation.unacknowledgedCount += 1;
    if (point === 'after:ack') incarnation.unacknowledgedCount -= 1;
    const crash = this.faults.crashAt(point, this.situationOf(incarnation, event));
    if (crash !== null) {
      this.strike({ fault: 'crash', at: point, consumer: incarnation.id, ...event });
      this.kill(incarnation);
      if (crash.replaced) this.changes.push(this.join(incarnation.name));
      return NEVER;
    }
    if (point === 'before:apply' && this.faults.handlerFails(event)) {
      this.strike({ fault: 'handler-error', at: point, consumer: incarnation.id, ...event });
      return Promise.resolve('fail');
    }
    if (point === 'before:handle') return this.gates.arrive(event);
    if (point === 'after:handle') this.gates.pass(event);
    return 'go';
  }

  private situationOf(incarnation: Incarnation, event: EventRef): Situation {
    return { appliedCount: this.appliedCount, unacknowledgedCount: incarnation.unacknowledgedCount, event };
  }

  private count(name: MeterName, amount: number): void {
    this.options.meter.count(name, amount);
    if (name !== 'applied') return;
    this.appliedCount += amount;
    const due = this.faults.membershipsDue({ appliedCount: this.appliedCount, unacknowledgedCount: 0, event: null });
    for (const fault of due) this.changes.push(this.changeMembership(fault));
  }

  private async changeMembership({ kind }: MembershipFault): Promise<void> {
    const nowhere = { at: null, user: null, sequence: null };
    if (kind === 'join') {
      const name = this.nextName();
      this.strike({ fault: 'join', consumer: name, ...nowhere });
      return this.join(name);
    }
    const youngest = this.live.findLast(({ stop }) => !stop.asked);
    invariant(youngest !== undefined, 'a leave finds a live consumer');
    this.strike({ fault: 'leave', consumer: youngest.id, ...nowhere });
    youngest.stop.ask();
    return this.retire(youngest);
  }

  private strike(fault: Omit<FaultBody, 'stream' | 'type'>): void {
    this.options.recorder.record({ stream: 'Fault', type: 'struck', ...fault });
  }

  /** As kill -9: nothing of it runs on; the crash is recorded when it is dead. */
  private kill(incarnation: Incarnation): void {
    incarnation.life.end();
    incarnation.recorder.abandon();
    this.forget(incarnation);
    this.options.recorder.record({ stream: 'Cause', type: 'crash', consumer: incarnation.id });
    this.options.world.sever(incarnation.consumer);
  }

  /** Waits until it has drained, then closes it. What it still holds goes to others. */
  private async retire(incarnation: Incarnation): Promise<void> {
    invariant(incarnation.projector !== null, 'a consumer that retires has worked');
    await this.drained(incarnation.projector);
    if (!incarnation.life.isAlive) return;
    this.forget(incarnation);
    this.options.recorder.record({ stream: 'Cause', type: 'leave', consumer: incarnation.id });
    await incarnation.consumer.close();
    incarnation.life.end();
    incarnation.recorder.close();
  }

  /** Looks again and again, so that no long timer outlives the run. At the deadline what is in hand goes to others. */
  private async drained(projector: Projector): Promise<void> {
    let isFinished = false;
    projector.finished.then(
      () => {
        isFinished = true;
      },
      () => {},
    );
    for (let waitedMs = 0; waitedMs < DRAIN_DEADLINE_MS; waitedMs += DRAIN_POLL_MS) {
      this.check();
      /** The first look comes after the continuations that are due, so an idle consumer costs no wait. */
      await Promise.resolve();
      if (isFinished) return;
      await this.options.world.clock.sleep(DRAIN_POLL_MS);
    }
  }

  private forget(incarnation: Incarnation): void {
    this.live.splice(this.live.indexOf(incarnation), 1);
  }
}

/** A request to drain, once. */
class Stop {
  asked = false;
  readonly whenAsked: Promise<void>;
  private answer: () => void = () => {};

  constructor() {
    this.whenAsked = new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  ask(): void {
    this.asked = true;
    this.answer();
  }
}
