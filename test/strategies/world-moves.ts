/** The small world's state and every move that its consumers and its adversary can make. */
import type { Answer, LoggedEvent, StoreOperation } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import { invariant } from '../../shared/model/invariant';
import type { EventDelivery, Step, Strategy, StrategySettings } from '../../shared/model/strategy';
import { applyOperation } from '../../shared/simulator/store-operation';
import type { Marker, UserRecord } from '../../shared/simulator/user-record';
import { StepBook } from './step-book';

/**
 * What the adversary may do, each so many times and at any moment. crash: the holder dies, a new consumer gets what is
 * unacknowledged. zombie: the same, but the holder works on and its acknowledgements are ignored. nack: a delivery is
 * given back before its first step and comes again behind the others. error: a store call fails, before or after it took
 * effect. resend: a store call runs twice, and the second answer counts. expiry: an idempotency key runs out.
 */
const FAULTS = ['crash', 'zombie', 'nack', 'error', 'resend', 'expiry'] as const;
type FaultName = (typeof FAULTS)[number];
export type Faults = Readonly<Record<FaultName, number>>;

const USER = 'u1';
const ENVELOPE = { user: USER, intendedAt: 0, schemaVersion: 1 } as const;
const EVENTS: readonly UserEvent[] = [
  { ...ENVELOPE, id: 'e1', sequence: 1, type: 'UserCreated', data: { name: 'Ada', email: 'ada@example.org' } },
  { ...ENVELOPE, id: 'e2', sequence: 2, type: 'UserRenamed', data: { name: 'Grace' } },
  /** Says again what the first one said: who takes it for news undoes the rename. */
  { ...ENVELOPE, id: 'e3', sequence: 3, type: 'UserCreated', data: { name: 'Ada', email: 'ada@example.org' } },
];
export const SEQUENCES = EVENTS.map((event) => event.sequence);
const LOG: readonly LoggedEvent[] = EVENTS.map((event) => ({ event, digest: event.sequence }));

const SETTINGS: StrategySettings = {
  owner: 'c1#1',
  idempotencyKeys: true,
  markerTtlMs: null,
  publishesResult: false,
  onFailure: 'park',
  retryBackoffMs: 10,
  gapDeadlineMs: 100,
  unlistened: 'advance',
  listensTo: null,
};

/** A delivery at a consumer. step null: not begun. */
interface Slot {
  readonly sequence: number;
  readonly step: Step | null;
}

export interface ConsumerState {
  /** False: declared dead, working on. */
  readonly connected: boolean;
  readonly active: Slot | null;
  readonly waiting: readonly Slot[];
  readonly parked: readonly Slot[];
}

export interface World {
  readonly consumers: readonly ConsumerState[];
  readonly acked: readonly number[];
  readonly record: UserRecord | null;
  readonly markers: Readonly<Record<string, Marker>>;
  /** Sequences in the order of their effects. The record follows from them. */
  readonly effects: readonly number[];
  /** What the adversary has left. */
  readonly faults: Faults;
}

export function consumerOf(sequences: readonly number[]): ConsumerState {
  return { connected: true, active: null, waiting: sequences.map(freshSlot), parked: [] };
}

function freshSlot(sequence: number): Slot {
  return { sequence, step: null };
}

/** The moves of consumers and adversary. */
export class Rules {
  private readonly book: StepBook;

  constructor(strategy: Strategy, onFailure: 'park' | 'nack') {
    this.book = new StepBook(strategy, { ...SETTINGS, onFailure });
  }

  /** Equal for worlds that behave alike. The record is left out: it follows from the effects. */
  keyOf({ consumers, acked, markers, effects, faults }: World): string {
    const slotKey = ({ sequence, step }: Slot) => `${sequence}.${step === null ? '' : this.book.numberOf(step)}`;
    const keys = consumers.map(({ connected, active, waiting, parked }) => {
      return [connected, active === null ? '' : slotKey(active), waiting.map(slotKey), parked.map(slotKey)].join('|');
    });
    return [
      ...keys,
      acked.toSorted((left, right) => left - right),
      Object.keys(markers).toSorted(),
      effects,
      Object.values(faults),
    ].join('/');
  }

  /** One action of one consumer, or one wait that ends. */
  movesOf(world: World): World[] {
    return world.consumers.flatMap((consumer, index) => {
      const ready = this.takeTurn(world, index);
      const performed = ready === null ? [] : [this.answer(ready, index, this.perform(ready, index))];
      return [...performed, ...consumer.parked.flatMap((slot) => this.wake(world, index, slot))];
    });
  }

  faultsOf(world: World): World[] {
    return FAULTS.filter((fault) => world.faults[fault] > 0).flatMap((fault) => {
      const left = { ...world, faults: { ...world.faults, [fault]: world.faults[fault] - 1 } };
      return this.strike(left, fault);
    });
  }

  /** Every way in which one fault can strike now. Its target is the consumer that holds the deliveries. */
  private strike(world: World, fault: FaultName): World[] {
    const index = world.consumers.findIndex((consumer) => consumer.connected);
    const holder = consumerAt(world, index);
    switch (fault) {
      case 'crash':
        return [handOver(world, world.consumers.toSpliced(index, 1))];
      case 'zombie':
        return [handOver(world, world.consumers.with(index, { ...holder, connected: false }))];
      case 'nack':
        return holder.waiting
          .filter((slot) => slot.step === null)
          .map((slot) =>
            change(world, index, { waiting: [...holder.waiting.filter((other) => other !== slot), slot] }),
          );
      case 'error':
        return this.failuresOf(world, index);
      case 'resend':
        return this.resendOf(world, index);
      case 'expiry':
        return Object.keys(world.markers).map((id) => ({ ...world, markers: without(world.markers, id) }));
    }
  }

  /** The world in which the consumer's next delivery is at work; null: nothing can run there. */
  private takeTurn(world: World, index: number): World | null {
    const { active, waiting } = consumerAt(world, index);
    const [next, ...rest] = waiting;
    if (active !== null) return world;
    if (next === undefined) return null;
    const step = next.step ?? this.book.start(deliveryOf(next.sequence));
    return change(world, index, { active: { ...next, step }, waiting: rest });
  }

  /** Performs the action of the delivery at work. */
  private perform(world: World, index: number): Performed {
    const { sequence, step } = activeAt(world, index);
    const { connected, waiting } = consumerAt(world, index);
    const reached = connected && !world.acked.includes(sequence);
    switch (step.action.kind) {
      case 'store':
        return executed(world, step.action.operation);
      case 'ack':
        return { world: reached ? { ...world, acked: [...world.acked, sequence] } : world, answer: { kind: 'ok' } };
      case 'nack': {
        const requeued = change(world, index, { waiting: [...waiting, freshSlot(sequence)] });
        return { world: reached ? requeued : world, answer: { kind: 'ok' } };
      }
      case 'park':
        return { world, answer: { kind: 'unparked', because: 'deadline' } };
      case 'read-log': {
        const { fromSequence, toSequence } = step.action;
        const events = LOG.filter(({ event }) => event.sequence >= fromSequence && event.sequence <= toSequence);
        return { world, answer: { kind: 'log', events } };
      }
      case 'sleep':
      case 'publish':
      case 'done':
        return { world, answer: { kind: 'ok' } };
    }
  }

  /** Tells the delivery at work what its action was answered, and lets it go when it is done or waits apart. */
  private answer(world: World, index: number, { world: changed, answer }: Performed): World {
    const { sequence, step } = activeAt(world, index);
    const next = { sequence, step: this.book.next(step, answer) };
    const { parked, waiting } = consumerAt(changed, index);
    const { action } = next.step;
    if (action.kind === 'park' && action.lane === 'free')
      return change(changed, index, { active: null, parked: [...parked, next] });
    if (action.kind !== 'done') return change(changed, index, { active: next });
    const successor = parked.find((slot) => slot.sequence === sequence + 1);
    const freed = change(changed, index, { active: null, waiting });
    return successor === undefined ? freed : this.unpark(freed, index, successor, 'predecessor-applied');
  }

  /** A failing store call: it did not happen, or it did and nobody knows. */
  private failuresOf(world: World, index: number): World[] {
    const failed = (definite: boolean): Answer => ({ kind: 'failed', definite, code: 'HANDLER_FAILED' });
    return this.callsOf(world, index).flatMap((ready) => [
      this.answer(ready, index, { world: ready, answer: failed(true) }),
      this.answer(ready, index, { world: this.perform(ready, index).world, answer: failed(false) }),
    ]);
  }

  /** The reply is lost and the client sends again: the caller sees the second answer only. */
  private resendOf(world: World, index: number): World[] {
    return this.callsOf(world, index).map((ready) => {
      const once = this.perform(ready, index).world;
      return this.answer(ready, index, this.perform(once, index));
    });
  }

  /** The world about to make a store call, if that is what comes next. */
  private callsOf(world: World, index: number): World[] {
    const ready = this.takeTurn(world, index);
    return ready !== null && activeAt(ready, index).step.action.kind === 'store' ? [ready] : [];
  }

  private wake(world: World, index: number, slot: Slot): World[] {
    const due = slot.step?.action.kind === 'park';
    return due ? [this.unpark(world, index, slot, 'deadline')] : [];
  }

  private unpark(world: World, index: number, slot: Slot, because: 'deadline' | 'predecessor-applied'): World {
    const { parked, waiting } = consumerAt(world, index);
    invariant(slot.step !== null, 'what is parked has begun');
    const step = this.book.next(slot.step, { kind: 'unparked', because });
    return change(world, index, {
      parked: parked.filter((other) => other !== slot),
      waiting: [{ ...slot, step }, ...waiting],
    });
  }
}

interface Performed {
  readonly world: World;
  readonly answer: Answer;
}

function executed(world: World, operation: StoreOperation): Performed {
  const id = operation.name === 'apply' ? operation.event.id : 'eventId' in operation ? operation.eventId : null;
  const before = { record: world.record, marker: (id === null ? null : world.markers[id]) ?? null };
  const { record, marker, answer, journal } = applyOperation(before, operation, 0);
  const markers = id === null || marker === null ? world.markers : { ...world.markers, [id]: marker };
  const applied = journal.flatMap((body) => (body.type === 'effect' ? [body.sequence] : []));
  return {
    world: { ...world, record, markers, effects: [...world.effects, ...applied] },
    answer: { kind: 'store', answer },
  };
}

/** What is unacknowledged goes to a new consumer, in order. */
function handOver(world: World, consumers: readonly ConsumerState[]): World {
  const left = SEQUENCES.filter((sequence) => !world.acked.includes(sequence));
  return { ...world, consumers: [...consumers, consumerOf(left)] };
}

function without(markers: Readonly<Record<string, Marker>>, id: string): Readonly<Record<string, Marker>> {
  return Object.fromEntries(Object.entries(markers).filter(([other]) => other !== id));
}

function consumerAt(world: World, index: number): ConsumerState {
  const consumer = world.consumers[index];
  invariant(consumer !== undefined, 'a consumer is addressed by its place');
  return consumer;
}

function activeAt(world: World, index: number): { readonly sequence: number; readonly step: Step } {
  const { active } = consumerAt(world, index);
  invariant(active !== null && active.step !== null, 'the delivery at work has begun');
  return { sequence: active.sequence, step: active.step };
}

function change(world: World, index: number, changes: Partial<ConsumerState>): World {
  return { ...world, consumers: world.consumers.with(index, { ...consumerAt(world, index), ...changes }) };
}

function deliveryOf(sequence: number): EventDelivery {
  const logged = LOG[sequence - 1];
  invariant(logged !== undefined, 'deliveries carry events of the log');
  return { ...logged, messageId: `1:${sequence}:-1`, listened: true };
}
