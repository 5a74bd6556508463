/** The checker: history in, verdict out. Fed record by record in the run's order; keeps users and work in flight. */
import type { AnomalyId } from '../model/anomaly';
import type { HeaderBody, HistoryRecord } from '../model/history';
import { invariant } from '../model/invariant';
import { type Counts, RESULT_TOPIC_SHOWN_MAX, type Verdict } from '../model/verdict';
import { ClassTally } from './class-tally';
import { type Judgement, judge } from './judgement';
import type { Law, Occurrence } from './law';
import { createLaws } from './laws';
import type { Moment, MomentKind } from './moment';
import { RunLedger } from './run-ledger';
import { vacuousRun } from './vacuous-run';

/** One run's judge. `finish` may be called once, after the last record. */
export interface Checker {
  /** The next record in the order of the run; Log, State and Markers follow the quiescence record. */
  observe(record: HistoryRecord): void;
  finish(): Verdict;
}

/** `extraLaws` run beside the built-in ones; a law that throws makes the verdict unknown. */
export function createChecker(extraLaws: readonly Law[] = []): Checker {
  let examination: Examination | null = null;
  let headlessCount = 0;
  let isFinished = false;
  return {
    observe(record) {
      invariant(!isFinished, 'no record follows the verdict');
      if (examination === null && record.stream === 'Run' && record.type === 'header')
        examination = new Examination(record, extraLaws);
      if (examination === null) headlessCount += 1;
      else examination.observe(record);
    },
    finish() {
      invariant(!isFinished, 'a checker gives one verdict');
      isFinished = true;
      return examination === null ? withoutHeader(headlessCount) : examination.finish(headlessCount);
    },
  };
}

/** Laws, books and tallies of one run with a header. */
class Examination {
  readonly #run: RunLedger;
  readonly #floors = vacuousRun();
  readonly #laws: readonly Law[];
  readonly #lawsByKind = new Map<MomentKind, Law[]>();
  readonly #tallies = new Map<AnomalyId, ClassTally>();
  readonly #failures = new Map<Law, string>();
  readonly #resultTopic: number[] = [];
  #report = (occurrence: Occurrence): void => this.#add(occurrence);

  constructor(header: HeaderBody, extraLaws: readonly Law[]) {
    this.#run = new RunLedger(header);
    const { guarantees } = header;
    const laws = [...createLaws(), this.#floors, ...extraLaws];
    this.#laws = laws.filter(({ ids }) => ids.some((id) => guarantees[id] !== 'not-applicable'));
    for (const law of this.#laws)
      for (const kind of law.sees) this.#lawsByKind.set(kind, [...(this.#lawsByKind.get(kind) ?? []), law]);
  }

  observe(record: HistoryRecord): void {
    this.#show({ kind: 'record', record });
    const moment = this.#run.observe(record);
    if (moment === null) return;
    this.#show(moment);
    if (moment.kind === 'result' && this.#resultTopic.length < RESULT_TOPIC_SHOWN_MAX)
      this.#resultTopic.push(moment.sequence);
  }

  finish(headlessCount: number): Verdict {
    this.#finishLaws();
    const { header } = this.#run;
    const judgement = judge(this.#tallies, header);
    const troubles = [
      ...[...this.#failures].map(([law, cause]) => `the law of ${law.ids.join(', ')} failed: ${cause}`),
      ...(headlessCount > 0 ? [`${headlessCount} record(s) precede the header and were not read`] : []),
    ];
    const status = troubles.length > 0 && judgement.status === 'valid' ? 'unknown' : judgement.status;
    const counts = countsOf(this.#run);
    return {
      status,
      claim: header.claim,
      reasons: [...reasonsOf(judgement, counts, troubles.length > 0), ...troubles],
      anomalies: judgement.anomalies,
      floors: this.#floors.floors(this.#run),
      counts,
      resultTopic: header.resultTopic === null ? null : this.#resultTopic,
    };
  }

  #show(moment: Moment): void {
    const laws = this.#lawsByKind.get(moment.kind);
    if (laws === undefined) return;
    for (const law of laws) {
      if (this.#failures.has(law)) continue;
      try {
        law.observe(moment, this.#run, this.#report);
      } catch (thrown) {
        this.#fail(law, thrown);
      }
    }
  }

  #finishLaws(): void {
    for (const law of this.#laws) {
      if (this.#failures.has(law)) continue;
      try {
        law.finish(this.#run, this.#report);
      } catch (thrown) {
        this.#fail(law, thrown);
      }
    }
  }

  /** A law that threw says nothing more: its books may be wrong. */
  #fail(law: Law, thrown: unknown): void {
    this.#failures.set(law, thrown instanceof Error ? thrown.message : String(thrown));
  }

  #add(occurrence: Occurrence): void {
    let tally = this.#tallies.get(occurrence.id);
    if (tally === undefined) {
      tally = new ClassTally(occurrence.id);
      this.#tallies.set(occurrence.id, tally);
    }
    tally.add(occurrence);
  }
}

function countsOf(run: RunLedger): Counts {
  const users = [...run.users.values()];
  const crashed = [...run.consumers.values()].filter(({ cause }) => cause === 'crash');
  const total = (count: (user: (typeof users)[number]) => number) => users.reduce((sum, user) => sum + count(user), 0);
  return {
    published: run.publishedCount,
    delivered: run.deliveredCount,
    redelivered: run.redeliveredCount,
    applied: total(({ applied, logged }) => applied.sizeOfIntersection(logged)),
    duplicatesAbsorbed: run.absorbedCount,
    parked: run.parkedCount,
    quarantined: total(({ unreadableQuarantined, quarantined }) => unreadableQuarantined.size + quarantined.size),
    users: users.filter(({ logged, unreadableLoggedCount }) => logged.size > 0 || unreadableLoggedCount > 0).length,
    idempotencyKeys: run.markerCount,
    crashes: crashed.length,
    crashesFollowed: crashed.filter(({ takenOverCount }) => takenOverCount > 0).length,
  };
}

/** Plain words first, the code after: "events swapped (X3): 12, first: …". */
function reasonsOf({ decisive, status }: Judgement, counts: Counts, isTroubled: boolean): readonly string[] {
  const reasons = decisive.map(
    ({ plain, id, count, witness }) => `${plain} (${id}): ${count}, such as: ${witness.sentence}`,
  );
  if (status !== 'valid' || isTroubled) return reasons;
  const { applied, users, redelivered, duplicatesAbsorbed } = counts;
  return [
    `${applied} events of ${users} users applied; ${redelivered} redeliveries, ${duplicatesAbsorbed} duplicates absorbed`,
  ];
}

function withoutHeader(recordCount: number): Verdict {
  return {
    status: 'unknown',
    claim: 'order+once',
    reasons: [`none of ${recordCount} record(s) is a header, so there is no claim to judge the history against`],
    anomalies: [],
    floors: [],
    counts: {
      ...{ published: 0, delivered: 0, redelivered: 0, applied: 0, duplicatesAbsorbed: 0 },
      ...{ parked: 0, quarantined: 0, users: 0, idempotencyKeys: 0, crashes: 0, crashesFollowed: 0 },
    },
    resultTopic: null,
  };
}
