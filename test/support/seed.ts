/**
 * Seed and number of runs of the random tests, from the environment: ORDERLAB_SEED replays what a report names,
 * ORDERLAB_RUNS (default: 100, as in fast-check) makes them deeper where a test does not say how many itself.
 */
const { ORDERLAB_SEED: seed, ORDERLAB_RUNS: runs } = process.env;

// Loading fast-check takes a tenth of a second in every file, so only where there is something to tell it.
if (seed !== undefined || runs !== undefined) {
  const { configureGlobal } = require('fast-check') as typeof import('fast-check');
  configureGlobal({
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(runs === undefined ? {} : { numRuns: Number(runs) }),
  });
}
