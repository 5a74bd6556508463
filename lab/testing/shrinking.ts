/**
 * Shrinking: a failing plan made smaller, one part at a time, as long as it still fails in the same way. Consumers on a
 * real clock and a real store may fail once and not again, so a smaller plan counts only when it did fail.
 */
import type { Question } from './finding';
import { KitRun } from './kit-run';
import type { TrialPlan } from './trial-plan';

/** Smaller plans that are tried. */
const SHRINK_RUN_COUNT_MAX = 40;

type Perform<Event> = (plan: TrialPlan<Event>) => Promise<KitRun<Event>>;

export async function shrunk<Event>(
  failed: KitRun<Event>,
  questions: readonly Question[],
  perform: Perform<Event>,
  runCount: number,
): Promise<KitRun<Event>> {
  const wanted = questions.filter((question) => failed.findings(question).length > 0);
  let smallest = failed;
  let tried = 0;
  for (let candidates = smaller(smallest.plan); candidates.length > 0 && tried < SHRINK_RUN_COUNT_MAX; ) {
    const plan = candidates.shift();
    if (plan === undefined) break;
    tried += 1;
    const run = await perform(plan);
    if (!wanted.some((question) => run.findings(question).length > 0)) continue;
    smallest = run;
    candidates = smaller(plan);
  }
  return new KitRun(smallest.plan, smallest.performance, runCount + tried);
}

/** Big steps first. */
function smaller<Event>(plan: TrialPlan<Event>): TrialPlan<Event>[] {
  return [
    ...fewer(plan.users, 1).map((users) => ({ ...plan, users })),
    ...fewer(plan.eventsPerUser, 2).map((eventsPerUser) => ({ ...plan, eventsPerUser })),
    ...plan.faults.map((_fault, index) => without(plan, index)),
    ...fewer(plan.consumers, 2).map((consumers) => ({ ...plan, consumers })),
  ];
}

function fewer(count: number, least: number): readonly number[] {
  const steps = [least, Math.floor(count / 2), count - 1];
  return [...new Set(steps)].filter((smallerCount) => smallerCount >= least && smallerCount < count);
}

function without<Event>(plan: TrialPlan<Event>, index: number): TrialPlan<Event> {
  const faults = plan.faults.toSpliced(index, 1);
  return { ...plan, faults, faultNumbers: plan.faultNumbers.toSpliced(index, 1) };
}
