/** Crew in this process: every consumer has ports of its own, which end with its life. */
import { observedPorts, type PortWatcher } from '../consumers/observed-ports';
import type { ConsumerPorts } from '../consumers/performer';
import { type Projector, startProjector } from '../consumers/projector';
import { STRATEGIES } from '../consumers/strategies/index';
import type { JsonlRecorder } from '../shared/adapters/jsonl-recorder';
import { InvariantError, unreachable } from '../shared/model/invariant';
import type { EventRef, Plan, Point } from '../shared/model/plan';
import type { Consumer, EventLog, Lifecycle } from '../shared/ports';
import { DRAIN_DEADLINE_MS, DRAIN_POLL_MS, settingsOf, UNACKED_COUNT_MAX } from './consumer-settings';
import type { Crew, Member, Observer } from './crew';
import { handlerTime, takeTime } from './handler-time';
import { Life, mortal, NEVER } from './life';
import { subscribePatiently } from './patient-subscription';
import { StopRequest } from './stop-request';
import type { World } from './world';

export interface InProcessCrewOptions {
  readonly plan: Plan;
  readonly world: World;
  readonly eventLog: EventLog;
  readonly topic: string;
  readonly resultTopic: string | null;
  readonly subscription: string;
  readonly openRecorder: (name: string) => JsonlRecorder;
  /** Who watches the ports of a life, `c1#1`; default: nobody. */
  readonly watcherOf?: (id: string) => PortWatcher;
  /** Begins and ends of handlers are counted in the store, which tells overlaps; default: where the run is audited. */
  readonly witnessesOverlap?: boolean;
}

export class InProcessCrew implements Crew {
  private readonly members: InProcessMember[] = [];

  constructor(private readonly options: InProcessCrewOptions) {}

  async start(name: string, id: string, observer: Observer): Promise<Member> {
    const { world, plan, topic, subscription, openRecorder } = this.options;
    const { subscriptionType: type, receiverQueueSize } = plan.topology;
    const subscribe = { topic, subscription, type, consumerName: name, receiverQueueSize };
    const consumer = await subscribePatiently(world.broker, subscribe, world.clock);
    const member = new InProcessMember(name, id, consumer, openRecorder(id), this.options, observer);
    this.members.push(member);
    await member.work();
    return member;
  }

  /** Members ask at every point. */
  applied(): void {}

  /** Whoever has not left would go on to ask a store that is closed, for ever. */
  disband(): void {
    for (const member of this.members) member.abandon();
  }
}

class InProcessMember implements Member {
  private readonly life = new Life();
  private readonly stop = new StopRequest();
  private readonly timeOf: (event: EventRef) => number;
  private projector: Projector | null = null;
  private unacknowledgedCount = 0;

  constructor(
    readonly name: string,
    readonly id: string,
    private readonly consumer: Consumer,
    private readonly recorder: JsonlRecorder,
    private readonly options: InProcessCrewOptions,
    private readonly observer: Observer,
  ) {
    this.timeOf = handlerTime(options.plan);
  }

  get load(): Member['load'] {
    return this.projector?.load ?? { inHandCount: 0, parkedCount: 0 };
  }

  async work(): Promise<void> {
    const { plan, witnessesOverlap = plan.audit } = this.options;
    this.projector = startProjector({
      strategy: STRATEGIES[plan.strategy],
      settings: settingsOf(plan, this.id),
      context: plan.context,
      ports: mortal(await this.ports(), this.life),
      meter: { count: (name, amount) => this.observer.count(name, amount ?? 1) },
      unackedCountMax: UNACKED_COUNT_MAX,
      witnessesOverlap,
    });
    this.projector.finished.catch((thrown: unknown) => this.observer.broke(thrown));
  }

  askToDrain(): void {
    this.stop.ask();
  }

  async leave(): Promise<void> {
    this.stop.ask();
    await this.drained();
    if (!this.life.isAlive) return;
    this.observer.leaves(this);
    await this.consumer.close();
    this.life.end();
    this.recorder.close();
  }

  async kill(): Promise<void> {
    this.end();
  }

  /** Nothing of it runs on, and nobody is told: the run is over. Idempotent. */
  abandon(): void {
    this.life.end();
    this.recorder.abandon();
  }

  private async ports(): Promise<ConsumerPorts> {
    const { world, eventLog, resultTopic: topic, watcherOf } = this.options;
    const producer = topic && (await world.broker.createProducer(topic, this.id));
    const ports: ConsumerPorts = {
      ...{ clock: world.clock, store: world.store, consumer: this.consumer, recorder: this.recorder, eventLog },
      lifecycle: this.lifecycle(),
      results: topic && producer ? { topic, producer } : null,
    };
    return watcherOf === undefined ? ports : observedPorts(ports, watcherOf(this.id));
  }

  private lifecycle(): Lifecycle {
    const { stop } = this;
    return {
      reached: (point, event) => this.reached(point, event),
      get stopping() {
        return stop.asked;
      },
      whenStopping: stop.whenAsked,
    };
  }

  private reached(point: Point, event: EventRef): 'go' | Promise<'go' | 'fail'> {
    if (point === 'after:receive') this.unacknowledgedCount += 1;
    if (point === 'after:ack' || point === 'after:nack') this.unacknowledgedCount -= 1;
    const { id: consumer, unacknowledgedCount } = this;
    const passage = this.observer.meet(this, { consumer, point, event, unacknowledgedCount });
    switch (passage.kind) {
      case 'go':
        return point === 'before:handle' ? takeTime(this.timeOf(event), this.options.world.clock) : 'go';
      case 'wait':
        return passage.turn;
      case 'fail':
        return Promise.resolve('fail');
      case 'pause':
        throw new InvariantError('only a consumer in a process of its own is paused');
      case 'die':
        this.end();
        return NEVER;
      default:
        return unreachable(passage, 'passage');
    }
  }

  /** Nothing of it runs on; it is dead before its connection is seen to be gone. */
  private end(): void {
    this.life.end();
    this.recorder.abandon();
    this.observer.died(this);
    this.options.world.sever(this.consumer);
  }

  /** Looks again and again, so that no long timer outlives the run. */
  private async drained(): Promise<void> {
    let isFinished = false;
    const noted = (): void => {
      isFinished = true;
    };
    this.projector?.finished.then(noted, noted);
    for (let waitedMs = 0; waitedMs < DRAIN_DEADLINE_MS; waitedMs += DRAIN_POLL_MS) {
      /** The first look comes after the continuations that are due, so an idle consumer costs no wait. */
      await Promise.resolve();
      if (isFinished || !this.life.isAlive) return;
      await this.options.world.clock.sleep(DRAIN_POLL_MS);
    }
  }
}
