/** Fault arm: which faults of the plan are still armed, and which of them strikes now. Pure bookkeeping. */
import type { Condition, EventRef, Fault, Point } from '../shared/model/plan';

/** What conditions are held against. */
export interface Situation {
  readonly appliedCount: number;
  readonly unacknowledgedCount: number;
  readonly event: EventRef | null;
}

export type CrashFault = Extract<Fault, { kind: 'crash' }>;
export type MembershipFault = Extract<Fault, { kind: 'join' } | { kind: 'leave' }>;
export type StoreFault = Extract<Fault, { kind: 'store-restart' } | { kind: 'store-reply-lost' }>;
type HandlerFault = Extract<Fault, { kind: 'handler-error' }>;

export class FaultArm {
  private readonly crashes: CrashFault[];
  private readonly memberships: MembershipFault[];
  private readonly storeFaults: StoreFault[];
  private readonly handlerErrors: { readonly fault: HandlerFault; left: number }[];

  constructor(faults: readonly Fault[]) {
    this.crashes = faults.filter((fault) => fault.kind === 'crash');
    this.memberships = faults.filter((fault) => fault.kind === 'join' || fault.kind === 'leave');
    this.storeFaults = storeFaultsOf(faults);
    this.handlerErrors = faults
      .filter((fault) => fault.kind === 'handler-error')
      .map((fault) => ({ fault, left: fault.times }));
  }

  /** The crash that strikes the consumer at this point, or null. Each strikes once. */
  crashAt(point: Point, situation: Situation): CrashFault | null {
    const index = this.crashes.findIndex((fault) => fault.at === point && holds(fault.when, situation));
    return index === -1 ? null : (this.crashes.splice(index, 1)[0] ?? null);
  }

  /** Joins and leaves that are due, in the plan's order; each once. */
  membershipsDue(situation: Situation): readonly MembershipFault[] {
    return takeDue(this.memberships, situation);
  }

  /** What is due to be done to the store, in the plan's order; each once. */
  storeFaultsDue(situation: Situation): readonly StoreFault[] {
    return takeDue(this.storeFaults, situation);
  }

  /** True when the handler of this event fails this time. */
  handlerFails(event: EventRef): boolean {
    const armed = this.handlerErrors.find(({ fault, left }) => left > 0 && sameEvent(fault.event, event));
    if (armed === undefined) return false;
    armed.left -= 1;
    return true;
  }

  /** Faults that have not struck. */
  get armedCount(): number {
    const handlers = this.handlerErrors.filter(({ left }) => left > 0).length;
    return this.crashes.length + this.memberships.length + this.storeFaults.length + handlers;
  }
}

export function storeFaultsOf(faults: readonly Fault[]): StoreFault[] {
  return faults.filter((fault) => fault.kind === 'store-restart' || fault.kind === 'store-reply-lost');
}

function takeDue<Due extends Fault & { readonly when: Condition }>(armed: Due[], situation: Situation): readonly Due[] {
  const due = armed.filter((fault) => holds(fault.when, situation));
  for (const fault of due) armed.splice(armed.indexOf(fault), 1);
  return due;
}

/** Do all parts of the condition that are set hold? */
export function holds(condition: Condition, situation: Situation): boolean {
  const { appliedCountMin, unacknowledgedCountMin, event } = condition;
  if (appliedCountMin !== null && situation.appliedCount < appliedCountMin) return false;
  if (unacknowledgedCountMin !== null && situation.unacknowledgedCount < unacknowledgedCountMin) return false;
  return event === null || (situation.event !== null && sameEvent(event, situation.event));
}

export function sameEvent(left: EventRef, right: EventRef): boolean {
  return left.user === right.user && left.sequence === right.sequence;
}
