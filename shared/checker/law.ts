/** Laws: each watches some kinds of moments and reports what breaks it. One law a file. */
import type { AnomalyId } from '../model/anomaly';
import type { FloorReport } from '../model/verdict';
import type { Moment, MomentKind } from './moment';
import type { RunLedger } from './run-ledger';
import type { UserLedger } from './user-ledger';

/** One occurrence of an anomaly. Texts are thunks: of a million occurrences, one witness a class is printed. */
export interface Occurrence {
  readonly id: AnomalyId;
  /** null: the whole run. */
  readonly user: UserLedger | null;
  /** The event that suffers; null where no single event does. */
  readonly sequence: number | null;
  /** False: a possible occurrence, which makes a class unknown. */
  readonly isDefinite: boolean;
  readonly how: string | null;
  /** Sequences of the events that take part, cause first. */
  readonly events: readonly number[];
  readonly sentence: () => string;
}

export type Report = (occurrence: Occurrence) => void;

export interface Law {
  readonly ids: readonly AnomalyId[];
  /** The kinds of moments that `observe` is called with. */
  readonly sees: readonly MomentKind[];
  observe(moment: Moment, run: RunLedger, report: Report): void;
  /** After the last record. */
  finish(run: RunLedger, report: Report): void;
}

/** The law that also measures: floors with what the run reached. */
export interface FloorLaw extends Law {
  floors(run: RunLedger): readonly FloorReport[];
}

/** For laws that have nothing to say after the last record. */
export function nothingLeft(): void {}
