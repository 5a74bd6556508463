/** H3: a recorder's counter has a hole, or records stop without an end and without a recorded crash of who wrote them. */
import { IntervalSet } from './interval-set';
import type { Law } from './law';
import type { RunLedger } from './run-ledger';

/** What is known about one recorder. */
interface Recording {
  readonly counters: IntervalSet;
  hasEnded: boolean;
}

/** Recorders of consumer incarnations: name and life. */
const INCARNATION = /#\d+$/;
/** Recorders of the run itself. They all end with it: where one has an end, another one without was cut off. */
const RUN_RECORDERS: ReadonlySet<string> = new Set(['supervisor', 'producer', 'store', 'log', 'state']);

export function recorderLoss(): Law {
  const recordings = new Map<string, Recording>();
  return {
    ids: ['H3'],
    sees: ['record'],
    observe(moment) {
      if (moment.kind !== 'record') return;
      const { record } = moment;
      const recording = recordings.get(record.recorder) ?? { counters: new IntervalSet(), hasEnded: false };
      recordings.set(record.recorder, recording);
      recording.counters.add(record.n);
      if (record.stream === 'Run' && record.type === 'end') recording.hasEnded = true;
    },
    finish(run, report) {
      const runHasEnded = [...RUN_RECORDERS].some((name) => recordings.get(name)?.hasEnded === true);
      for (const [recorder, recording] of recordings) {
        const problem = problemOf(recorder, recording, runHasEnded, run);
        if (problem !== null)
          report({
            ...{ id: 'H3', user: null, sequence: null, isDefinite: true, how: problem.how, events: [] },
            sentence: () => problem.sentence,
          });
      }
    },
  };
}

function problemOf(
  recorder: string,
  { counters, hasEnded }: Recording,
  runHasEnded: boolean,
  run: RunLedger,
): { readonly how: string; readonly sentence: string } | null {
  const missingCount = counters.max - counters.size;
  if (missingCount > 0) return { how: 'hole', sentence: `${missingCount} record(s) of ${recorder} are missing` };
  if (hasEnded) return null;
  if (RUN_RECORDERS.has(recorder) && runHasEnded) {
    return { how: 'no-end', sentence: `the records of ${recorder} stop without an end, and those of others do not` };
  }
  if (!INCARNATION.test(recorder) || run.consumers.get(recorder)?.cause === 'crash') return null;
  return { how: 'no-end', sentence: `the records of ${recorder} stop without an end and without a recorded crash` };
}
