/**
 * Supervisor: lets consumers join, leave and die as the plan says, and records what became of each.
 *
 * It is the only one that knows both the plan and the consumers. Where these live is the crew's affair.
 */
import { invariant } from '../shared/model/invariant';
import type { MeterName } from '../shared/model/metric';
import type { Plan } from '../shared/model/plan';
import type { Meter, Recorder } from '../shared/ports';
import type { Crew, Member, Observer } from './crew';
import { type Encounter, Fate, type Passage } from './fate';
import type { MembershipFault, StoreFault } from './fault-arm';
import type { StoreFaults } from './store-faults';

export interface SupervisorOptions {
  readonly plan: Plan;
  readonly crew: Crew;
  readonly recorder: Recorder;
  readonly meter: Meter;
  /** By whom the plan's faults of the store strike; default: it has none. */
  readonly storeFaults?: StoreFaults | null;
}

export class Supervisor implements Observer {
  private readonly live: Member[] = [];
  private readonly leaving = new Set<Member>();
  private readonly fate: Fate;
  /** Lives so far, by consumer name. */
  private readonly lives = new Map<string, number>();
  private readonly changes: Promise<void>[] = [];
  private storeWork: Promise<void> = Promise.resolve();
  private joinedCount = 0;
  private broken: { readonly thrown: unknown } | null = null;

  constructor(private readonly options: SupervisorOptions) {
    this.fate = new Fate(options.plan, options.recorder);
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

  /** Rethrows what stopped a consumer: a run does not outlive a defect of its own. */
  check(): void {
    if (this.broken !== null) throw this.broken.thrown;
  }

  /** Resolves when every fault that was due has struck and is over. */
  async settled(): Promise<void> {
    for (const change of this.changes) await change;
    this.check();
  }

  /** Drains every consumer. All stop receiving before the first one closes, so that nothing wanders on between them. */
  async stop(): Promise<void> {
    for (const change of this.changes) await change;
    for (const member of this.live) member.askToDrain();
    for (const member of [...this.live]) await this.retire(member);
    this.check();
  }

  meet(member: Member, encounter: Encounter): Passage {
    const passage = this.fate.meet(encounter);
    if (passage.kind === 'die' && passage.fault.replaced) this.change(this.replace(member));
    return passage;
  }

  count(name: MeterName, amount: number): void {
    this.options.meter.count(name, amount);
    if (name !== 'applied') return;
    for (const fault of this.fate.applied(amount)) this.change(this.changeMembership(fault));
    for (const fault of this.fate.storeFaultsDue()) this.change(this.strikeStore(fault));
    this.options.crew.applied(this.fate.appliedCount);
  }

  leaves(member: Member): void {
    this.forget(member);
    this.options.recorder.record({ stream: 'Cause', type: 'leave', consumer: member.id });
  }

  died(member: Member): void {
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

  /** One after the other: a server that is down cannot be killed. */
  private strikeStore(fault: StoreFault): Promise<void> {
    this.storeWork = this.storeWork.then(async () => {
      this.fate.strikeStore(fault);
      await this.options.storeFaults?.strike(fault);
    });
    return this.storeWork;
  }

  private async changeMembership(fault: MembershipFault): Promise<void> {
    if (fault.kind === 'join') {
      const name = this.nextName();
      this.fate.strikeMembership(fault, name);
      return this.join(name);
    }
    const youngest = this.live.findLast((member) => !this.leaving.has(member));
    invariant(youngest !== undefined, 'a leave finds a live consumer');
    this.fate.strikeMembership(fault, youngest.id);
    return this.retire(youngest);
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
