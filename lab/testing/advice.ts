/** Advice: from what was found to the design that does not have it. */
import type { Finding, Question } from './finding';
import type { KitRun } from './kit-run';

const ON_SHARED =
  "subscribe with subscriptionType: 'KeyShared' and publish with the user as partitionKey: Shared promises no order";
const ONE_AT_A_TIME = 'finish a message of a user before the next one is begun: await the work before the next receive';
const ATOMIC =
  'check, change and remember in one step, a Lua script or one MULTI under WATCH: between two calls a consumer dies or is overtaken';
const ACK_LAST = 'acknowledge last, after the effect is stored';
const NO_EXPIRY =
  "let the record of what was applied outlive every redelivery: a sequence in the user's own hash, compared in the same step, never expires";
const SEQUENCE =
  "accept only the user's next sequence, and wait for it where one is missing, instead of a negative acknowledgement";

export function adviceFor(run: KitRun<never>, question: Question, findings: readonly Finding[]): string {
  const [first] = findings;
  if (first?.anomaly === 'H5')
    return 'every message has to be acknowledged in the end: look for a handler that throws or never settles';
  if (question === 'order') return orderAdvice(run, first);
  if (first !== undefined && first.sequences.length > 0 && isLoss(first)) return `${ACK_LAST}; ${ATOMIC}`;
  return run.plan.faults.some(({ kind }) => kind === 'kill' || kind === 'pause') ? `${ATOMIC}; ${NO_EXPIRY}` : ATOMIC;
}

function orderAdvice({ performance }: KitRun<never>, first: Finding | undefined): string {
  if (performance.subscriptionType === 'shared') return ON_SHARED;
  return first?.anomaly === 'D6' ? SEQUENCE : `${ONE_AT_A_TIME}; ${SEQUENCE}`;
}

function isLoss({ question, sentence }: Finding): boolean {
  return question === 'loss' || sentence.includes('never been applied');
}
