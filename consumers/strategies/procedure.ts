/**
 * Procedures: a strategy as a table of steps, and the machine that walks it.
 *
 * A table says only what is peculiar to its strategy. What all strategies share is said here once:
 * 1. An ending publishes the result where results are wanted, acknowledges, and is done. `absorbed` publishes too: the
 *    consumer that applied the event may have died before its result was out.
 * 2. A failed acknowledgement is sent again after a pause: acknowledgements are idempotent.
 * 3. Any other failure holds the user's lane and does the same action again (`park`), or gives the message back
 *    (`nack`). A negative acknowledgement lets successors overtake, so it is never used for a gap.
 * 4. An event that nobody listens to goes through the same steps without changing the model (`advance`), or is
 *    acknowledged and forgotten (`ignore`).
 */
import type { Action, Answer, DeliveryOutcome, StoreOutcome } from '../../shared/model/action';
import { InvariantError, invariant, unreachable } from '../../shared/model/invariant';
import type { EventDelivery, Step, Strategy, StrategyName, StrategySettings } from '../../shared/model/strategy';
import { learn, openWork, subjectOf, type Work, withoutOldest } from './work';

/** What a step's table of answers is asked for. */
type AnswerName = StoreOutcome | 'predecessor-applied' | 'deadline' | 'log';

/** Another step of the table, or the end of the subject. */
export type Target<Name extends string> = Name | `end:${Exclude<DeliveryOutcome, 'returned'>}`;

export interface StepRule<Name extends string> {
  readonly does: (work: Work) => Action;
  /** What a log that it reads is to the work. Default: missing. */
  readonly logIs?: 'missing' | 'past';
  /** Where each answer leads. An answer that is not listed cannot come. */
  readonly on: Readonly<Partial<Record<AnswerName, Target<Name> | ((work: Work) => Target<Name>)>>>;
}

export interface Procedure<Name extends string> {
  readonly name: StrategyName;
  /** One sentence: the steps per delivery. */
  readonly summary: string;
  /** first: before anything is done (at most once). last: after everything is done. */
  readonly acknowledges: 'first' | 'last';
  readonly first: NoInfer<Name>;
  readonly steps: Readonly<Record<Name, StepRule<NoInfer<Name>>>>;
}

type State =
  /** A step of the table. */
  | { readonly phase: 'step'; readonly name: string; readonly work: Work }
  | { readonly phase: 'publish'; readonly outcome: DeliveryOutcome; readonly work: Work }
  /** outcome null: acknowledged first, the steps follow. */
  | { readonly phase: 'ack'; readonly outcome: DeliveryOutcome | null; readonly work: Work }
  | { readonly phase: 'nack'; readonly work: Work }
  /** Waiting with the lane held, then `again`. */
  | { readonly phase: 'hold'; readonly again: State; readonly work: Work }
  /** Sleeping, then `again`. */
  | { readonly phase: 'pause'; readonly again: State; readonly work: Work }
  | { readonly phase: 'done'; readonly outcome: DeliveryOutcome; readonly work: Work };

/** Makes the machine that walks a table. */
export function strategyOf<Name extends string>(procedure: Procedure<Name>): Strategy {
  const { name, summary } = procedure;
  return {
    name,
    summary,
    start: (delivery, settings) => stepTo(procedure, start(procedure, delivery, settings)),
    next: (state: State, answer) => stepTo(procedure, follow(procedure, state, answer)),
  };
}

function stepTo(procedure: Procedure<string>, state: State): Step {
  return { state, action: actionOf(procedure, state) };
}

function actionOf(procedure: Procedure<string>, state: State): Action {
  const { work } = state;
  switch (state.phase) {
    case 'step':
      return ruleOf(procedure, state.name).does(work);
    case 'publish':
      return { kind: 'publish', event: subjectOf(work).event };
    case 'ack':
    case 'nack':
      return { kind: state.phase };
    case 'hold':
      return { kind: 'park', reason: 'handler-failed', lane: 'held', deadlineMs: work.settings.retryBackoffMs };
    case 'pause':
      return { kind: 'sleep', ms: work.settings.retryBackoffMs };
    case 'done':
      return { kind: 'done', outcome: state.outcome };
    default:
      return unreachable(state, 'phase');
  }
}

function start(procedure: Procedure<string>, delivery: EventDelivery, settings: StrategySettings): State {
  const work = openWork(delivery, settings);
  return procedure.acknowledges === 'first' ? { phase: 'ack', outcome: null, work } : begin(procedure, work);
}

/** The first step for the work's subject, unless this context ignores it. */
function begin(procedure: Procedure<string>, work: Work): State {
  const ignored = work.settings.unlistened === 'ignore' && !subjectOf(work).listened;
  return ignored ? conclude(procedure, work, 'dropped') : { phase: 'step', name: procedure.first, work };
}

function follow(procedure: Procedure<string>, state: State, answer: Answer): State {
  invariant(state.phase !== 'done', 'nothing follows done');
  if (answer.kind === 'failed') return recover(state);
  switch (state.phase) {
    case 'step':
      return take(procedure, state.name, learn(state.work, answer, ruleOf(procedure, state.name).logIs), answer);
    case 'publish':
      return conclude(procedure, state.work, state.outcome);
    case 'ack':
      return state.outcome === null ? begin(procedure, state.work) : done(state.work, state.outcome);
    case 'nack':
      return done(state.work, 'returned');
    case 'hold':
    case 'pause':
      return state.again;
    default:
      return unreachable(state, 'phase');
  }
}

/** Takes the turn that the table states for an answer. */
function take(procedure: Procedure<string>, name: string, work: Work, answer: Answer): State {
  const stated = ruleOf(procedure, name).on[answerNameOf(answer)];
  invariant(stated !== undefined, `${procedure.name} has a rule for what ${name} is answered`);
  const target = typeof stated === 'function' ? stated(work) : stated;
  switch (target) {
    case 'end:applied':
      return end(procedure, work, 'applied');
    case 'end:absorbed':
      return end(procedure, work, 'absorbed');
    case 'end:dropped':
      return conclude(procedure, work, 'dropped');
    case 'end:quarantined':
      return conclude(procedure, work, 'quarantined');
    default:
      // The first step may meet a subject that the log gave, so it is entered where subjects begin.
      return target === procedure.first ? begin(procedure, work) : { phase: 'step', name: target, work };
  }
}

/** The subject's effect is there: its result goes out first, where results are wanted. */
function end(procedure: Procedure<string>, work: Work, outcome: 'applied' | 'absorbed'): State {
  const publishes = work.settings.publishesResult && subjectOf(work).listened;
  return publishes ? { phase: 'publish', outcome, work } : conclude(procedure, work, outcome);
}

/** The subject is dealt with: the next one follows, and after the delivery's own event the acknowledgement. */
function conclude(procedure: Procedure<string>, work: Work, outcome: DeliveryOutcome): State {
  if (work.missing.length > 0) return begin(procedure, withoutOldest(work));
  return procedure.acknowledges === 'first' ? done(work, outcome) : { phase: 'ack', outcome, work };
}

/** Nobody needs to know whether the failed action took effect: the same one is asked for again. */
function recover(state: State): State {
  const { phase, work } = state;
  switch (phase) {
    case 'ack':
    case 'nack':
      return { phase: 'pause', again: state, work };
    case 'step':
    case 'publish':
      return work.settings.onFailure === 'nack' ? { phase: 'nack', work } : { phase: 'hold', again: state, work };
    default:
      throw new InvariantError(`waiting cannot fail, and ${phase} did`);
  }
}

function done(work: Work, outcome: DeliveryOutcome): State {
  return { phase: 'done', outcome, work };
}

function ruleOf(procedure: Procedure<string>, name: string): StepRule<string> {
  const rule = procedure.steps[name];
  invariant(rule !== undefined, `${procedure.name} has a step ${name}`);
  return rule;
}

function answerNameOf(answer: Answer): AnswerName {
  switch (answer.kind) {
    case 'store':
      return answer.answer.outcome;
    case 'unparked':
      return answer.because;
    case 'log':
      return 'log';
    default:
      throw new InvariantError(`a step of a table is not answered ${answer.kind}`);
  }
}
