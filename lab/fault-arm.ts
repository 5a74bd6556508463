/** Fault arm: which faults of the plan are still armed, and which of them strikes now. Pure bookkeeping. */
import type { Condition, EventRef, Fault, Point } from '../shared/model/plan';

/** What conditions are held against. */
export interface Situation {
  readonly appliedCount: number;
  readonly unacknowledgedCount: number;
  readonly event: EventRef | null;
}

export type CrashFault = Extract<Fault, { kind: 'crash' }>;
export type PauseFault = Extract<Fault, { kind: 'pause' }>;
export type StoreFault = Extract<Fault, { kind: 'store-restart' | 'store-reply-lost' }>;
type HandlerFault = Extract<Fault, { kind: 'handler-error' }>;

/** A consumer comes or goes, which is no harm in itself. */
export type MoveFault = Extract<Fault, { kind: 'join' | 'leave' }>;
/** Faults of the broker that everybody meets. */
export type BrokerFault = Extract<Fault, { kind: 'unload' | 'broker-restart' | 'broker-kill' }>;
/** Faults that strike as soon as their condition holds, whoever is where. */
export type DueFault = MoveFault | Extract<Fault, { kind: 'restart' }> | BrokerFault | StoreFault;

export class FaultArm {
  private readonly crashes: CrashFault[];
  private readonly pauses: PauseFault[];
  private readonly scheduled: DueFault[];
  private readonly handlerErrors: { readonly fault: HandlerFault; left: number }[];

  constructor(faults: readonly Fault[]) {
    this.crashes = faults.filter((fault) => fault.kind === 'crash');
    this.pauses = faults.filter((fault) => fault.kind === 'pause');
    this.scheduled = faults.filter(isScheduled);
    this.handlerErrors = faults
      .filter((fault) => fault.kind === 'handler-error')
      .map((fault) => ({ fault, left: fault.times }));
  }

  /** The crash that strikes the consumer at this point, or null. Each strikes once. */
  crashAt(point: Point, situation: Situation): CrashFault | null {
    const index = this.crashes.findIndex((fault) => fault.at === point && holds(fault.when, situation));
    return index === -1 ? null : (this.crashes.splice(index, 1)[0] ?? null);
  }

  /** The pause that strikes the consumer at this point with this event, or null. Each strikes once. */
  pauseAt(point: Point, event: EventRef): PauseFault | null {
    const index = this.pauses.findIndex((fault) => fault.at === point && sameEvent(fault.event, event));
    return index === -1 ? null : (this.pauses.splice(index, 1)[0] ?? null);
  }

  /** Faults that are due, in the plan's order; each once. */
  due(situation: Situation): readonly DueFault[] {
    const due = this.scheduled.filter((fault) => holds(fault.when, situation));
    for (const fault of due) this.scheduled.splice(this.scheduled.indexOf(fault), 1);
    return due;
  }

  /** True when the handler of this event fails this time. */
  handlerFails(event: EventRef): boolean {
    const armed = this.handlerErrors.find(({ fault, left }) => left > 0 && sameEvent(fault.event, event));
    if (armed === undefined) return false;
    armed.left -= 1;
    return true;
  }

  /** What has not struck, a fault as often as it was still to strike. */
  get missing(): readonly Fault[] {
    const handlers = this.handlerErrors.flatMap(({ fault, left }) => Array<Fault>(left).fill(fault));
    return [...this.crashes, ...this.pauses, ...this.scheduled, ...handlers];
  }

  /** Faults that have not struck. */
  get armedCount(): number {
    const handlers = this.handlerErrors.filter(({ left }) => left > 0).length;
    return this.crashes.length + this.pauses.length + this.scheduled.length + handlers;
  }

  /** Faults that wait for a count of applied events, and so for the load. */
  get countedCount(): number {
    return this.scheduled.length + this.crashes.filter(isCounted).length;
  }

  /** Joins and leaves among them. */
  get scheduledMoves(): readonly MoveFault[] {
    return this.scheduled.filter(isMove);
  }
}

/** These are carried out one after the other, each when the one before it is over. */
export function takesTurn(fault: Fault): boolean {
  return fault.kind === 'restart' || isBrokerFault(fault);
}

export function isBrokerFault(fault: Fault): fault is BrokerFault {
  return fault.kind === 'unload' || fault.kind === 'broker-restart' || fault.kind === 'broker-kill';
}

function isScheduled(fault: Fault): fault is DueFault {
  return isMove(fault) || fault.kind === 'restart' || isBrokerFault(fault) || isStoreFault(fault);
}

/** The load must last until it strikes: it waits for events to be applied, and for nothing that may never come. */
export function isCounted(fault: Fault): boolean {
  return isScheduled(fault) || (fault.kind === 'crash' && fault.when.event === null);
}

function isMove(fault: Fault): fault is MoveFault {
  return fault.kind === 'join' || fault.kind === 'leave';
}

export function storeFaultsOf(faults: readonly Fault[]): StoreFault[] {
  return faults.filter(isStoreFault);
}

function isStoreFault(fault: Fault): fault is StoreFault {
  return fault.kind === 'store-restart' || fault.kind === 'store-reply-lost';
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
