/** Our own bugs: conditions that hold unless the program is wrong. They stop the run; they are never caught. */

/** An invariant that did not hold: a defect of orderlab, never of its input. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Stops the run with `sentence` unless `condition` holds. On in production. */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant broken: ${sentence}`);
}

/** The default of an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`invariant broken: unknown ${what}: ${JSON.stringify(value)}`);
}
