/** Mutant: the broker model with one line changed. A lie about Pulsar that scripts must find out. */
import { invariant } from '../../shared/model/invariant';

export interface Mutant {
  /** The lie, in kebab-case. */
  readonly name: string;
  /** In shared/simulator. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly line: string;
  readonly instead: string;
  /**
   * Scripts that find it out, by what a real broker showed when they were recorded. Not all that do: enough that every
   * script stands at some mutant, since a script that finds out nothing tests nothing.
   */
  readonly scripts: readonly [string, ...string[]];
}

/** The source with the line changed. A line that is not there any more, or stands there twice, is a defect of ours. */
export function mutatedSource({ name, file, line, instead }: Mutant, source: string): string {
  const parts = source.split(line);
  invariant(parts.length === 2, `the line of mutant ${name} stands ${parts.length - 1} times in ${file}, not once`);
  return parts.join(instead);
}
