/**
 * Fate: what the plan does to consumers, decided at the points that they announce.
 *
 * One arbiter per run, whether consumers live in this process or in their own: a fault strikes once, and gates open in
 * one order for all.
 */
import type { StruckBody } from '../shared/model/history';
import type { EventRef, Fault, Plan, Point } from '../shared/model/plan';
import type { Recorder } from '../shared/ports';
import { type BrokerFault, type CrashFault, type DueFault, FaultArm, type MoveFault, sameEvent } from './fault-arm';
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

/** go on, wait for the turn, fail the handler, stand still as a zombie until it is over, or die. */
export type Passage =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly turn: Promise<'go'> }
  | { readonly kind: 'fail' }
  | { readonly kind: 'pause'; readonly over: Promise<void> }
  | { readonly kind: 'die'; readonly fault: CrashFault };

/** Nothing stands in the way; made once, since consumers meet it at every point of their work. */
export const GO: Passage = { kind: 'go' };

/** A consumer that stands still with an event, until another one has dealt with it. */
interface Pause {
  readonly consumer: string;
  readonly event: EventRef;
  readonly end: () => void;
}

export class Fate {
  private arm: FaultArm;
  private readonly gates: GateKeeper;
  private readonly pauses = new Set<Pause>();
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

  /** Of these, the ones that wait for the load. */
  get countedCount(): number {
    return this.arm.countedCount;
  }

  get scheduledMoves(): readonly MoveFault[] {
    return this.arm.scheduledMoves;
  }

  /** Somebody stands still. */
  get isPausing(): boolean {
    return this.pauses.size > 0;
  }

  meet({ consumer, point, event, unacknowledgedCount }: Encounter): Passage {
    const fault = this.arm.crashAt(point, { appliedCount: this.appliedSoFar, unacknowledgedCount, event });
    if (fault !== null) {
      this.record({ fault: 'crash', at: point, consumer, ...event });
      return { kind: 'die', fault };
    }
    const pause = this.arm.pauseAt(point, event);
    if (pause !== null) {
      this.record({ fault: 'pause', at: point, consumer, ...event });
      return { kind: 'pause', over: this.pause(consumer, event) };
    }
    if (point === 'before:apply' && this.arm.handlerFails(event)) {
      this.record({ fault: 'handler-error', at: point, consumer, ...event });
      return { kind: 'fail' };
    }
    if (point === 'after:receive') this.gates.take(event, consumer);
    if (point === 'after:handle') {
      this.gates.pass(event);
      this.endPauses((paused) => paused.consumer !== consumer && sameEvent(paused.event, event));
    }
    if (point !== 'before:handle') return GO;
    const turn = this.gates.arrive(event, consumer);
    return turn === 'go' ? GO : { kind: 'wait', turn };
  }

  /** Counts applied events; answers the faults that are due now. */
  applied(count: number): readonly DueFault[] {
    this.appliedSoFar += count;
    return this.arm.due({ appliedCount: this.appliedSoFar, unacknowledgedCount: 0, event: null });
  }

  /** A fault that is due strikes when it is carried out, so that its consumer can be named; null: it concerns all. */
  strike({ kind }: Pick<Fault, 'kind'>, consumer: string | null): void {
    this.record({ fault: kind, at: null, consumer, user: null, sequence: null });
  }

  /** What the broker has to keep through the fault that has just struck: see KeptBody. */
  keep({ kind: fault }: BrokerFault, positions: readonly string[]): void {
    this.recorder.record({ stream: 'Fault', type: 'kept', fault, positions });
  }

  /** The fault has taken its time and is over. */
  end({ kind: fault }: BrokerFault): void {
    this.recorder.record({ stream: 'Fault', type: 'ended', fault, consumer: null });
  }

  /** Nothing strikes any more. What was planned and did not strike is said, so that the run is not taken for more than it was. */
  disarm(): void {
    for (const fault of this.arm.missing) {
      const at = 'at' in fault ? fault.at : null;
      this.recorder.record({ stream: 'Fault', type: 'missed', fault: fault.kind, at });
    }
    this.arm = new FaultArm([]);
  }

  /** Whoever waits for his turn goes on. */
  openGates(): void {
    this.gates.openAll();
  }

  /** Whoever stands still goes on: by default everybody. */
  endPauses(isOver: (pause: Pause) => boolean = () => true): void {
    for (const pause of [...this.pauses].filter(isOver)) {
      this.pauses.delete(pause);
      this.recorder.record({ stream: 'Fault', type: 'ended', fault: 'pause', consumer: pause.consumer });
      pause.end();
    }
  }

  private pause(consumer: string, event: EventRef): Promise<void> {
    return new Promise((end) => this.pauses.add({ consumer, event, end }));
  }

  private record(fault: Omit<StruckBody, 'stream' | 'type'>): void {
    this.recorder.record({ stream: 'Fault', type: 'struck', ...fault });
  }
}
