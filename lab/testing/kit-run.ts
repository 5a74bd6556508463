/** A run of the kit, as a test gets it: what happened, and what it shows against the consumer. */
import type { HistoryRecord } from '../../shared/model/history';
import type { Verdict } from '../../shared/model/verdict';
import { writeHistory } from './book';
import { type Finding, findingsOf, type Question, stateFindings, unfinishedOf, verdictOf } from './finding';
import type { Performance } from './trial';
import type { Effects, TrialPlan } from './trial-plan';

export class KitRun<Event> {
  readonly plan: TrialPlan<Event>;
  readonly performance: Performance<Event>;
  /** The checker's verdict on the history: `orderlab check` gives the same. */
  readonly verdict: Verdict;
  /** How many runs it took; more than 1 with `runs`. */
  readonly runCount: number;
  readonly #stateFindings: readonly Finding[];

  constructor(plan: TrialPlan<Event>, performance: Performance<Event>, runCount = 1) {
    this.plan = plan;
    this.performance = performance;
    this.runCount = runCount;
    this.verdict = verdictOf(performance);
    this.#stateFindings = plan.effects === null ? [] : stateFindings(performance, plan.effects, performance.states);
  }

  get seed(): string {
    return this.plan.seed;
  }

  /** The documented format (docs/results.md). */
  get history(): readonly HistoryRecord[] {
    return this.performance.records;
  }

  /** Writes the history where `orderlab check FOLDER` and `orderlab explain FOLDER` find it. */
  writeHistory(folder: string): void {
    writeHistory(this.history, folder);
  }

  get users(): readonly string[] {
    return [...new Set(this.performance.stock.map(({ user }) => user))];
  }

  /** What speaks against the consumer, as far as the history and the end states tell. */
  findings(question: Question): readonly Finding[] {
    const all = [...findingsOf(this.verdict), ...this.#stateFindings, ...unfinishedOf(this.performance)];
    return all.filter((finding) => finding.question === question);
  }

  /** The same of end states that are read now. */
  async findingsWith(question: Question, effects: Effects<Event>): Promise<readonly Finding[]> {
    const states = new Map<string, unknown>();
    for (const user of this.users) states.set(user, await effects.read(user));
    const found = stateFindings(this.performance, effects, states).filter((finding) => finding.question === question);
    return [...this.findings(question), ...found];
  }

  /**
   * Why the run proves nothing, although nothing speaks against the consumer: one sentence each. Such a run is no
   * success: it could not have failed.
   */
  doubts(question: Question): readonly string[] {
    const { unstruck, records } = this.performance;
    const floors = this.verdict.floors.filter(({ holds }) => !holds);
    return [
      ...floors.map(({ name, required, reached }) => `${name}: ${reached}, and at least ${required} are needed`),
      ...unstruck.map((kind) => `the fault "${kind}" met nothing: publish more events, or leave it out`),
      ...(busyCount(records) === 1 && this.plan.consumers > 1
        ? ['one consumer did all the work: nobody competed']
        : []),
      ...(question === 'order' ? orderDoubts(this.verdict, this.plan, records) : []),
    ];
  }
}

/** Consumers that received something. */
function busyCount(records: readonly HistoryRecord[]): number {
  const names = records.flatMap((record) => (record.stream === 'Del' ? [record.consumer.replace(/#\d+$/, '')] : []));
  return new Set(names).size;
}

/** Order is read off deliveries, or off a journal of effects. */
function orderDoubts(
  _verdict: Verdict,
  plan: Pick<TrialPlan<never>, 'journal' | 'faults'>,
  records: readonly HistoryRecord[],
) {
  if (plan.journal !== null) return [];
  const isSeen = records.some(({ stream }) => stream === 'Del');
  if (!isSeen)
    return ["deliveries to processes are not seen from outside: give `journal`, the user's events as they took effect"];
  if (plan.faults.some(({ kind }) => kind === 'nack-storm')) {
    return [
      'after a negative acknowledgement later events overtake by contract, so deliveries prove no order: give `journal`, or leave nackStorm out',
    ];
  }
  return [];
}
