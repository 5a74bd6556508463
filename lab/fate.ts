/**
 * Fate: what the plan does to consumers, decided at the points that they announce.
 *
 * One arbiter per run, whether consumers live in this process or in their own: a fault strikes once, and gates open in
 * one order for all.
 */
import type { StruckBody } from '../shared/model/history';
import type { EventRef, Plan, Point } from '../shared/model/plan';
import type { Recorder } from '../shared/ports';
import { type CrashFault, FaultArm, type MembershipFault, type StoreFault } from './fault-arm';
import { GateKeeper } from './gate-keeper';

/** A consumer at a named point of its work. */
export interface Encounter {
  /** The incarnation, `c1#1`. */
  readonly consumer: string;
  readonly point: Point;
  readonly event: EventRef;
  /** Deliveries that the consumer holds unacknowledged. */
  readonly unacknowledgedCount: number;
}

/** go on, wait for the turn, fail the handler, or die. */
export type Passage =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly turn: Promise<'go'> }
  | { readonly kind: 'fail' }
  | { readonly kind: 'die'; readonly fault: CrashFault };

const GO: Passage = { kind: 'go' };

export class Fate {
  private readonly arm: FaultArm;
  private readonly gates: GateKeeper;
  private appliedSoFar = 0;

  constructor(
    plan: Plan,
    private readonly recorder: Recorder,
  ) {
    this.arm = new FaultArm(plan.faults);
    this.gates = new GateKeeper(plan.gates);
  }

  /** Events applied by all consumers together. */
  get appliedCount(): number {
    return this.appliedSoFar;
  }

  /** Faults of the plan that have not struck yet. */
  get armedCount(): number {
    return this.arm.armedCount;
  }

  meet({ consumer, point, event, unacknowledgedCount }: Encounter): Passage {
    const fault = this.arm.crashAt(point, { appliedCount: this.appliedSoFar, unacknowledgedCount, event });
    if (fault !== null) {
      this.record({ fault: 'crash', at: point, consumer, ...event });
      return { kind: 'die', fault };
    }
    if (point === 'before:apply' && this.arm.handlerFails(event)) {
      this.record({ fault: 'handler-error', at: point, consumer, ...event });
      return { kind: 'fail' };
    }
    if (point === 'after:receive') this.gates.take(event, consumer);
    if (point === 'after:handle') this.gates.pass(event);
    if (point !== 'before:handle') return GO;
    const turn = this.gates.arrive(event, consumer);
    return turn === 'go' ? GO : { kind: 'wait', turn };
  }

  /** Counts applied events; answers the joins and leaves that are due now. */
  applied(count: number): readonly MembershipFault[] {
    this.appliedSoFar += count;
    return this.arm.membershipsDue({ appliedCount: this.appliedSoFar, unacknowledgedCount: 0, event: null });
  }

  /** What is due to be done to the store now. Call it after `applied`. */
  storeFaultsDue(): readonly StoreFault[] {
    return this.arm.storeFaultsDue({ appliedCount: this.appliedSoFar, unacknowledgedCount: 0, event: null });
  }

  strikeStore({ kind }: StoreFault): void {
    this.record({ fault: kind, at: null, consumer: null, user: null, sequence: null });
  }

  /** A join or leave strikes when it is carried out, so that its consumer can be named. */
  strikeMembership({ kind }: MembershipFault, consumer: string): void {
    this.record({ fault: kind, at: null, consumer, user: null, sequence: null });
  }

  private record(fault: Omit<StruckBody, 'stream' | 'type'>): void {
    this.recorder.record({ stream: 'Fault', type: 'struck', ...fault });
  }
}
