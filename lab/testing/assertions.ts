/** The three questions as assertions, for any test runner. Each throws an Error with the whole message. */
import { doubtMessage, failureMessage, negatedMessage } from './failure-message';
import type { Finding, Question } from './finding';
import type { KitRun } from './kit-run';
import type { Effects } from './trial-plan';

/** doubtful: nothing speaks against the consumers, and nothing could have. */
export interface Outcome {
  readonly kind: 'kept' | 'broken' | 'doubtful';
  /** Of the failure; of a negated expectation when it is kept. */
  readonly message: () => string;
}

/** Throws unless each user's events were worked off one after the other, in the order of the log. */
export function assertOrderPerUser<Event>(run: KitRun<Event>): void {
  throwUnless(outcomeOf(run, 'order'));
}

/**
 * Throws unless each user's end state is the fold of its events. Without `effects` those that `competing` was given are
 * used, and read at the end of the run; with them they are read now.
 */
export function assertAppliedExactlyOnce<Event>(run: KitRun<Event>): void;
export function assertAppliedExactlyOnce<Event>(run: KitRun<Event>, effects: Effects<Event>): Promise<void>;
export function assertAppliedExactlyOnce<Event>(run: KitRun<Event>, effects?: Effects<Event>): void | Promise<void> {
  if (effects !== undefined) return outcomeWith(run, 'once', effects).then(throwUnless);
  throwUnless(outcomeOf(run, 'once'));
}

/** Throws unless every event was delivered and acknowledged and, where end states are read, none is missing from them. */
export function assertNothingLost<Event>(run: KitRun<Event>): void {
  throwUnless(outcomeOf(run, 'loss'));
}

export function outcomeOf<Event>(run: KitRun<Event>, question: Question): Outcome {
  if (question === 'once' && run.plan.effects === null && run.plan.journal === null) {
    throw new Error(
      'nothing tells what took effect: give `effects: { read, fold }` to competing or to this expectation',
    );
  }
  return outcome(run, question, run.findings(question));
}

export async function outcomeWith<Event>(
  run: KitRun<Event>,
  question: Question,
  effects: Effects<Event>,
): Promise<Outcome> {
  return outcome(run, question, await run.findingsWith(question, effects));
}

/** Doubt fails as well: a run that could not have failed is no success, and no failure either way. */
function outcome<Event>(run: KitRun<Event>, question: Question, findings: readonly Finding[]): Outcome {
  const judged = run as unknown as KitRun<never>;
  if (findings.length > 0) return { kind: 'broken', message: () => failureMessage(judged, question, findings) };
  const doubts = run.doubts(question);
  if (doubts.length > 0) return { kind: 'doubtful', message: () => doubtMessage(judged, question, doubts) };
  return { kind: 'kept', message: () => negatedMessage(judged, question) };
}

function throwUnless({ kind, message }: Outcome): void {
  if (kind !== 'kept') throw new Error(message());
}
