/** Known differences: where the model is not the broker, each with its reason. */

export interface KnownDifference {
  /** Names of scripts; null: all. */
  readonly scripts: readonly string[] | null;
  /** Fits the fact that may differ. */
  readonly fact: RegExp;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    scripts: ['key-shared-ack-of-waiting'],
    fact: /^waiting for dispatch$/,
    reason: 'Pulsar takes an acknowledged message out of its replay set when it is read next, the model at once',
  },
];

/** Null: the difference is a defect. */
export function reasonFor(script: string, fact: string): string | null {
  const known = KNOWN_DIFFERENCES.find(
    (each) => (each.scripts === null || each.scripts.includes(script)) && each.fact.test(fact),
  );
  return known?.reason ?? null;
}
