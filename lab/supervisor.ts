/**
 * Supervisor: lets consumers join, leave and die as the plan says, and records what became of each.
 *
 * It is the only one that knows both the plan and the consumers. Where these live is the crew's affair.
 */
import { OrderlabError } from '../shared/errors';
import { invariant, unreachable } from '../shared/model/invariant';
import type { MeterName } from '../shared/model/metric';
import type { Condition, Plan } from '../shared/model/plan';
import type { Clock, Meter, Recorder } from '../shared/ports';
import type { ConsumerHand, SeenConsumer } from './audience';
import type { BrokerHand } from './broker-hand';
import type { Crew, Member, Observer } from './crew';
import { type Encounter, Fate, type Passage } from './fate';
import type { BrokerFault, DueFault, MoveFault, StoreFault } from './fault-arm';
import { Grip } from './grip';
import type { StoreFaults } from './store-faults';

/**
 * Twice the delay after which a new active consumer of a Failover subscription is served
 * (activeConsumerFailoverDelayTimeMillis, 1,000 ms). The counterexample is a consumer that leaves at the moment at which the
 * delay of the change before it ends: PersistentDispatcherSingleActiveConsumer of 4.2.4 then finds its task not cleared yet,
 * cancels the read and plans none, and the partition stands still for good.
 */
const TAKE_OVER_MS = 2_000;

/** From a pause to its end: the broker takes up to 60 s to miss a native client, and its successor still has to work. */
const PAUSE_DEADLINE_MS = 180_000;

/** Of what is done by hand. */
const AT_ONCE: Condition = { appliedCountMin: null, unacknowledgedCountMin: null, event: null };

export interface SupervisorOptions {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly crew: Crew;
  /** Strikes the broker; not needed where the plan has no fault of the broker. */
  readonly broker?: BrokerHand | undefined;
  readonly recorder: Recorder;
  readonly meter: Meter;
  /** By whom the plan's faults of the store strike; default: it has none. */
  readonly storeFaults?: StoreFaults | null;
}

export class Supervisor implements Observer, ConsumerHand {
  private readonly live: Member[] = [];
  private readonly leaving = new Set<Member>();
  private readonly fate: Fate;
  /** Lives so far, by consumer name. */
  private readonly lives = new Map<string, number>();
  private readonly changes: Promise<void>[] = [];
  private settledCount = 0;
  /** Faults whose turn has not come yet, or is not over. */
  private inLineCount = 0;
  /** What is carried out one after the other: restarts and faults of broker and store. */
  private line: Promise<void> = Promise.resolve();
  /** Joins and leaves that are not over. */
  private readonly moving = new Set<MoveFault>();
  /** Who is to die and has not yet. */
  private readonly dying = new Set<Member>();
  /** Lives that have begun and do not work yet. */
  private readonly joining = new Set<Promise<void>>();
  private takeOvers: Promise<void> = Promise.resolve();
  private joinedCount = 0;
  private pausedAtMs = 0;
  private readonly grip: Grip;
  private handIsOpen = true;
  private broken: { readonly thrown: unknown } | null = null;

  constructor(private readonly options: SupervisorOptions) {
    this.fate = new Fate(options.plan, options.recorder);
    this.grip = new Grip(options.clock);
  }

  /** Connects the plan's consumers, in order, before anything is published. */
  async start(): Promise<void> {
    const { consumerCount } = this.options.plan.topology;
    for (let index = 0; index < consumerCount; index += 1) await this.join(this.nextName());
  }

  /** Deliveries in hand at all live consumers and, of those, parked. */
  get load(): Member['load'] {
    return {
      inHandCount: this.live.reduce((sum, { load }) => sum + load.inHandCount, 0),
      parkedCount: this.live.reduce((sum, { load }) => sum + load.parkedCount, 0),
    };
  }

  /** Nothing that is still published would be consumed. */
  get isBroken(): boolean {
    return this.broken !== null;
  }

  /** Rethrows what stopped a consumer: a run does not outlive a defect of its own. */
  check(): void {
    if (this.broken !== null) throw this.broken.thrown;
  }

  /** No fault of the plan waits for the load any more, and those that struck are over. */
  get isDone(): boolean {
    return this.fate.countedCount === 0 && !this.isChanging;
  }

  /** Somebody is on the way in or out, or a fault takes its turn. */
  get isChanging(): boolean {
    return this.inLineCount > 0 || this.joining.size > 0 || this.moving.size > 0;
  }

  /** Somebody stands still by the plan, and it is not too late for the broker to find out. */
  get isPausing(): boolean {
    return this.fate.isPausing && this.options.clock.nowMs() - this.pausedAtMs < PAUSE_DEADLINE_MS;
  }

  /** Somebody is to die, and stands still until the broker knows what it has acknowledged. */
  get isDying(): boolean {
    return this.dying.size > 0;
  }

  /** Events applied by all consumers together. */
  get appliedCount(): number {
    return this.fate.appliedCount;
  }

  /** Events applied when the next join or leave of the plan is due, or when the one that is under way was; ∞: all are over. */
  get nextMoveAt(): number {
    const moves = [...this.moving, ...this.fate.scheduledMoves];
    return Math.min(...moves.map(({ when }) => when.appliedCountMin ?? 0));
  }

  /** Waits for the changes that are under way; true: there were some. */
  async settled(): Promise<boolean> {
    const wasChanging = this.settledCount < this.changes.length;
    while (this.settledCount < this.changes.length) {
      await this.changes[this.settledCount];
      this.settledCount += 1;
    }
    return wasChanging;
  }

  /** Whoever stands still or waits for its turn goes on: nothing that it waits for may come any more. */
  endPauses(): void {
    this.fate.endPauses();
    this.fate.openGates();
  }

  /** Drains every consumer. All stop receiving before the first one closes, so that nothing wanders on between them. */
  async stop(): Promise<void> {
    this.fate.disarm();
    this.endPauses();
    await this.settled();
    for (const member of this.live) member.askToDrain();
    for (const member of [...this.live]) await this.retire(member);
    this.check();
  }

  get isOpen(): boolean {
    return this.handIsOpen;
  }

  get consumers(): readonly SeenConsumer[] {
    return this.working.map(({ name, id }) => ({
      ...{ name, isPaused: this.grip.isPaused(id), isSlow: this.grip.isSlow(id) },
    }));
  }

  add(): void {
    this.requireHand();
    this.begin({ kind: 'join', when: AT_ONCE });
  }

  remove(name: string): void {
    const member = this.spared(name);
    const fault = { kind: 'leave', when: AT_ONCE } as const;
    this.grip.release(member.id);
    this.move(fault, () => this.leave(member, fault));
  }

  kill(name: string): void {
    const member = this.spared(name);
    this.fate.strike({ kind: 'crash' }, member.id);
    this.change(member.kill());
  }

  pause(name: string): void {
    this.grip.pause(this.inHand(name).id);
  }

  slowDown(name: string): void {
    this.grip.slowDown(this.inHand(name).id);
  }

  release(name: string): void {
    this.grip.release(this.inHand(name).id);
  }

  /** The load is over: whoever is held back goes on, and nobody is touched any more. */
  closeHand(): void {
    this.handIsOpen = false;
    this.grip.releaseAll();
  }

  meet(member: Member, encounter: Encounter): Passage {
    const passage = this.fate.meet(encounter);
    if (passage.kind === 'go') return this.grip.passage(encounter);
    if (passage.kind === 'die') this.dying.add(member);
    if (passage.kind === 'die' && passage.fault.replaced) this.change(this.replace(member));
    if (passage.kind === 'pause') this.pausedAtMs = this.options.clock.nowMs();
    return passage;
  }

  count(name: MeterName, amount: number): void {
    this.options.meter.count(name, amount);
    if (name !== 'applied') return;
    for (const fault of this.fate.applied(amount)) this.begin(fault);
    this.options.crew.applied(this.fate.appliedCount);
  }

  leaves(member: Member): void {
    this.forget(member);
    this.options.recorder.record({ stream: 'Cause', type: 'leave', consumer: member.id });
  }

  died(member: Member): void {
    this.dying.delete(member);
    this.forget(member);
    this.options.recorder.record({ stream: 'Cause', type: 'crash', consumer: member.id });
  }

  broke(thrown: unknown): void {
    this.broken ??= { thrown };
  }

  /** A change that fails breaks the run; it never goes unheard. */
  private change(changing: Promise<void>): void {
    this.changes.push(changing.catch((thrown: unknown) => this.broke(thrown)));
  }

  private nextName(): string {
    this.joinedCount += 1;
    return `c${this.joinedCount}`;
  }

  private async join(name: string): Promise<void> {
    const joining = this.beginLife(name);
    this.joining.add(joining);
    try {
      await joining;
    } finally {
      this.joining.delete(joining);
    }
  }

  private async beginLife(name: string): Promise<void> {
    const life = (this.lives.get(name) ?? 0) + 1;
    this.lives.set(name, life);
    const id = `${name}#${life}`;
    this.options.recorder.record({ stream: 'Cause', type: 'join', consumer: id });
    this.live.push(await this.options.crew.start(name, id, this));
  }

  /** A new life under the old name begins after the death, which the caller is about to cause. */
  private async replace({ name }: Member): Promise<void> {
    await Promise.resolve();
    return this.join(name);
  }

  private begin(fault: DueFault): void {
    switch (fault.kind) {
      case 'join':
        this.move(fault, () => this.joinNew(fault));
        return;
      case 'leave':
        this.move(fault, () => this.leaveYoungest(fault));
        return;
      case 'restart':
        this.queue(() => this.restartOldest(fault));
        return;
      case 'unload':
      case 'broker-restart':
      case 'broker-kill':
        this.queue(() => this.strikeBroker(fault));
        return;
      case 'store-restart':
      case 'store-reply-lost':
        this.queue(() => this.strikeStore(fault));
        return;
      default:
        unreachable(fault, 'fault');
    }
  }

  private move(fault: MoveFault, begin: () => Promise<void>): void {
    const { plan } = this.options;
    this.moving.add(fault);
    const moving = plan.topology.subscriptionType === 'failover' ? this.inTurn(begin) : begin();
    this.change(moving.finally(() => this.moving.delete(fault)));
  }

  /** One after the other, each when the take-over of the one before is over. */
  private inTurn(begin: () => Promise<void>): Promise<void> {
    this.takeOvers = this.takeOvers.then(begin).then(() => this.options.clock.sleep(TAKE_OVER_MS));
    return this.takeOvers;
  }

  private queue(change: () => Promise<void>): void {
    this.inLineCount += 1;
    this.line = this.line.then(change).then(() => {
      this.inLineCount -= 1;
    });
    this.change(this.line);
  }

  private joinNew(fault: DueFault): Promise<void> {
    const name = this.nextName();
    this.fate.strike(fault, name);
    return this.join(name);
  }

  /** Whoever was let in before is a consumer that can leave, however long its process takes to begin. */
  private async leaveYoungest(fault: DueFault): Promise<void> {
    await this.joined();
    const youngest = this.live.findLast((member) => !this.leaving.has(member));
    invariant(youngest !== undefined, 'a leave finds a live consumer');
    await this.leave(youngest, fault);
  }

  private async leave(member: Member, fault: DueFault): Promise<void> {
    this.fate.strike(fault, member.id);
    await this.retire(member);
  }

  private get working(): readonly Member[] {
    return this.live.filter((member) => !this.leaving.has(member));
  }

  private requireHand(): void {
    if (!this.handIsOpen) throw new OrderlabError('HAND_REFUSED', { problem: 'the load of this run is over' });
  }

  private inHand(name: string): Member {
    this.requireHand();
    const member = this.working.find((each) => each.name === name);
    if (member !== undefined) return member;
    throw new OrderlabError('HAND_REFUSED', { problem: `no consumer ${name} is at work` });
  }

  /** Without anybody nothing would move, and the run would end in its deadline. */
  private spared(name: string): Member {
    const member = this.inHand(name);
    if (this.working.length > 1) return member;
    throw new OrderlabError('HAND_REFUSED', { problem: `${name} is the last consumer: add another one first` });
  }

  private async restartOldest(fault: DueFault): Promise<void> {
    await this.joined();
    const oldest = this.live.find((member) => !this.leaving.has(member));
    invariant(oldest !== undefined, 'a restart finds a live consumer');
    this.fate.strike(fault, oldest.id);
    await this.retire(oldest);
    await this.join(oldest.name);
  }

  /** Nobody is on the way any more. A life that could not begin is heard of by who began it. */
  private async joined(): Promise<void> {
    while (this.joining.size > 0) await Promise.allSettled(this.joining);
  }

  private async strikeStore(fault: StoreFault): Promise<void> {
    this.fate.strike(fault, null);
    await this.options.storeFaults?.strike(fault);
  }

  /** What an orderly end must keep is asked for just before it, so that it is rather too little than too much. */
  private async strikeBroker(fault: BrokerFault): Promise<void> {
    const { broker } = this.options;
    invariant(broker !== undefined, 'a plan with faults of the broker comes with a hand on it');
    const kept = fault.kind === 'broker-kill' ? null : await broker.acknowledged();
    this.fate.strike(fault, null);
    if (kept !== null) this.fate.keep(fault, kept);
    await broker.strike(fault);
    await broker.reunited(() => this.live.length);
    this.fate.end(fault);
  }

  private async retire(member: Member): Promise<void> {
    if (this.leaving.has(member)) return;
    this.leaving.add(member);
    await member.leave();
  }

  private forget(member: Member): void {
    const index = this.live.indexOf(member);
    invariant(index !== -1, 'a consumer ends once');
    this.live.splice(index, 1);
  }
}
