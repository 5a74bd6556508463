/** Guarantees: what a claim, a topology and a strategy say about each anomaly class. */
import type { AnomalyId } from './anomaly';

/**
 * forbidden: one occurrence makes the run invalid. allowed: counted, by contract harmless here.
 * measured: counted, no promise either way. not-applicable: the class cannot be judged in this run.
 */
export type Standing = 'forbidden' | 'allowed' | 'measured' | 'not-applicable';

export type Guarantees = Readonly<Record<AnomalyId, Standing>>;
