/**
 * Projector: competes for deliveries and projects their events into the read model, one strategy step at a time.
 *
 * It is a driver: the strategy decides, the performer acts, the lanes keep each user's work serial. Everything that
 * continues here continues from a port's promise, so that a killed incarnation never runs on.
 */
import type { Answer, DeliveryOutcome, ParkReason } from '../shared/model/action';
import type { UserEvent } from '../shared/model/event';
import { invariant } from '../shared/model/invariant';
import type { Delivery } from '../shared/model/message';
import type { Context, EventRef, Point } from '../shared/model/plan';
import type { EventDelivery, Step, Strategy, StrategySettings } from '../shared/model/strategy';
import type { Meter } from '../shared/ports';
import { type Decoded, decodeEvent } from '../shared/wire';
import { endTurn, isIdle, type Lane, openLane, park, successorOf, takeTurn, unpark } from './lane';
import { type ConsumerPorts, type PortAction, perform, type Subject } from './performer';
import { quarantine } from './quarantine';

/**
 * Deliveries that one consumer works on at once: enough to fill the calls of a turn, and few enough that what a handler
 * makes is garbage before it is copied. Measured over the native client: 1,000 at once cost a quarter more processor time
 * an event than 64.
 */
export const AT_WORK_COUNT_MAX = 64;

export interface ProjectorOptions {
  readonly strategy: Strategy;
  readonly settings: StrategySettings;
  readonly context: Context;
  readonly ports: ConsumerPorts;
  readonly meter: Meter;
  /** Deliveries in hand, parked ones included; above it nothing more is received. */
  readonly unackedCountMax: number;
  /** Count handler begin and end in the store: the witness of overlap (X8). */
  readonly witnessesOverlap: boolean;
}

/** What an observer may ask a running projector. */
export interface Projector {
  /** Resolves when it has drained after a stop, rejects when the program is wrong. */
  readonly finished: Promise<void>;
  /** Deliveries in hand and, of those, parked. */
  readonly load: { readonly inHandCount: number; readonly parkedCount: number };
}

/** One delivery on its way through the strategy. */
interface Work {
  readonly subject: Subject;
  readonly delivery: EventDelivery;
  readonly sequence: number;
  /** null: not started. */
  step: Step | null;
  /** What the next step is told; null before the first. */
  answer: Answer | null;
  /** The store was told of a begin and not yet of an end. */
  isWitnessed: boolean;
}

/** Starts to receive at once. */
export function startProjector(options: ProjectorOptions): Projector {
  return new RunningProjector(options);
}

class RunningProjector implements Projector {
  readonly load = { inHandCount: 0, parkedCount: 0 };
  readonly finished: Promise<void>;
  private readonly lanes = new Map<string, Lane<Work>>();
  private readonly owner: string;
  private receiving = false;
  /** Full once and not yet half empty. */
  private isFull = false;
  /** Witness calls that the store has not answered. */
  private witnessCount = 0;
  private finish: () => void = () => {};
  private fail: (thrown: unknown) => void = () => {};

  constructor(private readonly options: ProjectorOptions) {
    this.owner = options.settings.owner;
    this.finished = new Promise<void>((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    this.guard(options.ports.lifecycle.whenStopping.then(() => this.endWhenDrained()));
    this.receiveMore();
  }

  /** Every continuation runs under it: what throws is our own bug and ends the projector, never silently. */
  private guard(running: Promise<void>): void {
    running.catch((thrown: unknown) => this.fail(thrown));
  }

  private receiveMore(): void {
    const { lifecycle, consumer } = this.options.ports;
    if (lifecycle.stopping) {
      this.endWhenDrained();
    } else if (!this.receiving && this.hasRoom()) {
      this.receiving = true;
      this.guard(consumer.receive().then((delivery) => this.take(delivery)));
    }
  }

  /**
   * Who is full waits until half of the room is free. Otherwise each acknowledgement would fetch one delivery, and each
   * delivery would be recorded, applied and acknowledged alone: many small writes where one would do. What is parked
   * waits for deliveries that are still to come, so it never holds up the others short of the limit.
   */
  private hasRoom(): boolean {
    const { inHandCount, parkedCount } = this.load;
    const { unackedCountMax } = this.options;
    const atWorkCount = inHandCount - parkedCount;
    const atWorkCountMax = Math.min(AT_WORK_COUNT_MAX, unackedCountMax);
    if (inHandCount >= unackedCountMax || atWorkCount >= atWorkCountMax) this.isFull = true;
    else if (atWorkCount <= atWorkCountMax / 2) this.isFull = false;
    return !this.isFull;
  }

  private take(delivery: Delivery | null): void {
    this.receiving = false;
    /** What arrives after the stop stays unacknowledged: closing hands it to others. */
    if (delivery === null || this.options.ports.lifecycle.stopping) {
      this.endWhenDrained();
      return;
    }
    this.load.inHandCount += 1;
    this.options.meter.count('delivered');
    this.accept(delivery, decodeEvent(delivery.payload));
    this.receiveMore();
  }

  private accept(delivery: Delivery, decoded: Decoded): void {
    const { ports, meter, settings } = this.options;
    this.noteReceived(delivery, decoded);
    const { event, digest, reason } = decoded;
    if (event === null) {
      const aside = { delivery, reason, owner: this.owner, ports, meter, backoffMs: settings.retryBackoffMs };
      this.guard(quarantine(aside).then(() => this.release()));
      return;
    }
    const work = this.workOf(delivery.messageId, event, digest);
    const reached = ports.lifecycle.reached('after:receive', refOf(work));
    if (reached === 'go') this.enqueue(work);
    else this.guard(reached.then(() => this.enqueue(work)));
  }

  private workOf(messageId: string, event: UserEvent, digest: number): Work {
    return {
      subject: { consumer: this.owner, messageId, event },
      delivery: { event, digest, messageId, listened: this.options.context.listensTo?.includes(event.type) ?? true },
      sequence: event.sequence,
      step: null,
      answer: null,
      isWitnessed: false,
    };
  }

  private enqueue(work: Work): void {
    const { user } = work.subject.event;
    const lane = this.lanes.get(user) ?? openLane<Work>();
    this.lanes.set(user, lane);
    lane.waiting.push(work);
    this.run(lane, user);
  }

  private run(lane: Lane<Work>, user: string): void {
    const work = takeTurn(lane);
    if (work !== null) this.guard(this.advance(lane, work));
    else if (isIdle(lane)) this.lanes.delete(user);
  }

  /** Drives one delivery until it is done or gives its turn away. */
  private async advance(lane: Lane<Work>, work: Work): Promise<void> {
    const begun = this.announce('before:handle', work);
    if (begun !== null) await begun;
    for (;;) {
      const { action } = this.nextStep(work);
      if (action.kind === 'done') {
        /** The user's next event may be acknowledged first of all. */
        const ended = this.witnessEnd(work);
        if (ended !== null) await ended;
        const left = this.announce('after:handle', work);
        if (left !== null) await left;
        this.settle(lane, work, action.outcome);
        return;
      }
      if (action.kind !== 'park') {
        work.answer = await perform(action, work.subject, this.options.ports, this.witnessAround(action, work));
        this.countDisagreement(work.answer);
        continue;
      }
      this.noteParked(work, action.reason);
      if (action.lane === 'free') {
        void this.witnessEnd(work);
        this.setAside(lane, work, action.deadlineMs);
        return;
      }
      await this.options.ports.clock.sleep(action.deadlineMs);
      this.noteUnparked(work, 'deadline');
    }
  }

  /** null: there is nothing to wait for, as nearly always; a promise for it would be made twice an event. */
  private announce(point: Point, work: Work): Promise<unknown> | null {
    const reached = this.options.ports.lifecycle.reached(point, refOf(work));
    return reached === 'go' ? null : reached;
  }

  private nextStep(work: Work): Step {
    const { strategy, settings } = this.options;
    if (work.step === null) {
      work.step = strategy.start(work.delivery, settings);
    } else {
      invariant(work.answer !== null, 'a started delivery goes on with an answer');
      work.step = strategy.next(work.step.state, work.answer);
    }
    return work.step;
  }

  /**
   * The witness stands around what the handler does to the store, the log and the derived topic. Whoever gives the message
   * out of hand has ended: what comes back is the end that has to be in the store before that. The counterexample is an end
   * that follows the acknowledgement: broker and store are different connections, so the broker hands the user's next event
   * to another consumer, whose handler begins in the store before this one ends. A design that acknowledges first works
   * after it, and its begin comes after it too.
   */
  private witnessAround({ kind }: PortAction, work: Work): Promise<void> | null {
    if (kind === 'ack' || kind === 'nack') return this.witnessEnd(work);
    if (kind !== 'sleep') this.witnessBegin(work);
    return null;
  }

  /** Nobody waits for the answer: calls of one consumer reach the store in the order in which they are made. */
  private witnessBegin(work: Work): void {
    if (!this.options.witnessesOverlap || work.isWitnessed) return;
    work.isWitnessed = true;
    this.guard(this.witness('begin-handler', work));
  }

  /** Resolves when the store has answered, or did not; null: it has nothing to be told. */
  private witnessEnd(work: Work): Promise<void> | null {
    if (!work.isWitnessed) return null;
    work.isWitnessed = false;
    const ended = this.witness('end-handler', work);
    this.guard(ended);
    return ended;
  }

  private async witness(name: 'begin-handler' | 'end-handler', work: Work): Promise<void> {
    const operation = { name, user: work.subject.event.user, owner: this.owner };
    this.witnessCount += 1;
    await perform({ kind: 'store', operation }, work.subject, this.options.ports);
    this.witnessed();
  }

  private witnessed(): void {
    this.witnessCount -= 1;
    if (this.options.ports.lifecycle.stopping) this.endWhenDrained();
  }

  private setAside(lane: Lane<Work>, work: Work, deadlineMs: number): void {
    park(lane, work);
    endTurn(lane);
    const waited = this.options.ports.clock.sleep(deadlineMs);
    this.guard(waited.then(() => this.bringBack(lane, work, 'deadline')));
    this.run(lane, work.subject.event.user);
  }

  private bringBack(lane: Lane<Work>, work: Work, because: 'predecessor-applied' | 'deadline'): void {
    if (!unpark(lane, work)) return;
    this.noteUnparked(work, because);
    this.run(lane, work.subject.event.user);
  }

  private settle(lane: Lane<Work>, work: Work, outcome: DeliveryOutcome): void {
    if (outcome === 'applied') this.options.meter.count('applied');
    if (outcome === 'absorbed') this.options.meter.count('absorbed');
    endTurn(lane);
    const successor = successorOf(lane, work.sequence);
    if (successor !== null) this.bringBack(lane, successor, 'predecessor-applied');
    else this.run(lane, work.subject.event.user);
    this.release();
  }

  private release(): void {
    this.load.inHandCount -= 1;
    this.receiveMore();
  }

  /** Draining: nothing new is received, what runs finishes, what is parked goes back to the broker with the close. */
  private endWhenDrained(): void {
    if (this.load.inHandCount === this.load.parkedCount && this.witnessCount === 0) this.finish();
  }

  private noteReceived(delivery: Delivery, { event, digest }: Decoded): void {
    const { messageId, topic, partition, redeliveryCount, key } = delivery;
    this.options.ports.recorder.record({
      stream: 'Del',
      type: 'received',
      consumer: this.owner,
      messageId,
      user: event?.user ?? key,
      sequence: event?.sequence ?? null,
      topic,
      partition,
      redeliveryCount,
      eventId: event?.id ?? null,
      digest,
    });
  }

  private noteParked(work: Work, reason: ParkReason): void {
    this.load.parkedCount += 1;
    this.options.meter.count('parked');
    this.options.ports.recorder.record({ ...this.factsOf(work), type: 'parked', reason });
    /** It may wait for what is still to be received; and what is parked only after the stop is not waited for. */
    this.receiveMore();
  }

  private noteUnparked(work: Work, because: 'predecessor-applied' | 'deadline'): void {
    this.load.parkedCount -= 1;
    work.answer = { kind: 'unparked', because };
    this.options.ports.recorder.record({ ...this.factsOf(work), type: 'unparked', because });
  }

  private factsOf(work: Work) {
    const { messageId, event } = work.subject;
    const { user, sequence } = event;
    return { stream: 'Del', consumer: this.owner, messageId, user, sequence } as const;
  }

  /** The sequence decides; a marker that says otherwise is worth a count (X9 or X10). */
  private countDisagreement(answer: Answer): void {
    if (!this.options.settings.idempotencyKeys || answer.kind !== 'store' || !('markerPresent' in answer.answer))
      return;
    const { outcome, markerPresent } = answer.answer;
    const disagrees = (outcome === 'applied' && markerPresent) || (outcome === 'duplicate' && !markerPresent);
    if (disagrees) this.options.meter.count('marker-disagreements');
  }
}

function refOf({ subject, sequence }: Work): EventRef {
  return { user: subject.event.user, sequence };
}
