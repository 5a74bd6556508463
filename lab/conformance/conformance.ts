/** Conformance: every script on the model and on a broker, several at a time, each on a topic of its own. */
import { invariant } from '../../shared/model/invariant';
import { playDuel, type ScriptReport } from './duel';
import type { Script } from './script';
import type { Subject } from './subject';
import type { Tempo } from './tempo';

export interface ConformanceOptions {
  readonly scripts: readonly Script[];
  readonly model: Subject;
  readonly broker: Subject;
  readonly tempo: Tempo;
  /** Scripts that run at the same time. */
  readonly atOnce: number;
  /** Hears of each script when it has ended. */
  readonly onReport: (report: ScriptReport) => void;
  /** Once it says so no further script is begun. */
  readonly stop: { readonly stopping: boolean };
}

/** Reports in the order of the scripts; those that were not begun are missing. */
export async function conformance(options: ConformanceOptions): Promise<readonly ScriptReport[]> {
  const { scripts, model, broker, tempo, atOnce, onReport, stop } = options;
  invariant(new Set(scripts.map(({ name }) => name)).size === scripts.length, 'no two scripts have the same name');
  const reports = new Map<Script, ScriptReport>();
  const waiting = [...scripts];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !stop.stopping; next = waiting.shift()) {
      const report = await playDuel(next, model, broker, tempo);
      reports.set(next, report);
      onReport(report);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return scripts.flatMap((script) => reports.get(script) ?? []);
}
