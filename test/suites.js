/**
 * The test tiers, with their budgets: `npm test`, `npm run test:real`, `npm run test:deep -- --minutes N`.
 *
 * The launcher runs this once the packages are there. It drives jest in this process, and ends with the used time and a
 * plain line `N passed, N failed, N skipped`. Plain JavaScript, so that no build comes before the tests.
 */
'use strict';

const { randomInt } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { buildArgv, runCLI } = require('jest');

const root = path.dirname(__dirname);
/** Runs of each property in the deep tier, against 100 in the quick one; every round draws them from a new seed. */
const DEEP_RUNS = 1000;
const DEEP_MINUTES = 10;

const SUITES = {
  test: { title: 'npm test', what: 'nothing but Node', budgetMinutes: 3, config: 'jest.config.js', run: runQuick },
  real: {
    title: 'npm run test:real',
    what: 'a real Pulsar and Redis',
    budgetMinutes: 30,
    config: 'jest.real.config.js',
    run: runReal,
  },
  deep: {
    title: 'npm run test:deep',
    what: 'random tests with new seeds until the time is used up',
    budgetMinutes: DEEP_MINUTES,
    config: 'jest.deep.config.js',
    run: runDeep,
  },
};

/** Counts of a suite. `failed` includes files that could not be run at all. */
const NOTHING = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };

async function main([name, ...args]) {
  const suite = SUITES[name];
  if (suite === undefined) throw new Error(`there is no suite named ${name}: ${Object.keys(SUITES).join(', ')}`);
  const { budgetMinutes, rest } = takeMinutes(suite, args);
  const startMs = Date.now();
  print(`${suite.title}: ${suite.what}; budget ${budgetMinutes} minutes`);
  const counts = await suite.run({ ...suite, budgetMinutes }, rest);
  if (counts === null) return;
  const usedMinutes = (Date.now() - startMs) / 60_000;
  const remark = usedMinutes > budgetMinutes ? ': OVER ITS BUDGET' : '';
  const complaints = [
    ...missingParts(counts),
    ...(counts.passed + counts.failed === 0 ? ['no test was executed'] : []),
  ];
  print(`${suite.title}: used ${usedMinutes.toFixed(2)} of ${budgetMinutes} minutes${remark}`);
  for (const complaint of complaints) print(`${suite.title}: ${complaint}`);
  print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 || complaints.length > 0 ? 1 : 0;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** `--minutes N` sizes the deep suite; the rest goes to jest. */
function takeMinutes(suite, args) {
  const index = args.indexOf('--minutes');
  if (index < 0 || suite !== SUITES.deep) return { budgetMinutes: suite.budgetMinutes, rest: args };
  const budgetMinutes = Number(args[index + 1]);
  if (!(budgetMinutes > 0)) throw new Error(`--minutes needs a number above 0, got ${args[index + 1]}`);
  return { budgetMinutes, rest: args.filter((_, at) => at !== index && at !== index + 1) };
}

// ---- Suites

function runQuick(suite, args) {
  return runJest(suite, args);
}

async function runReal(suite, args) {
  return testFiles('test/real').length === 0 ? noTests('real-part') : runJest(suite, args);
}

/** A tier without tests says so and counts nothing, rather than passing. */
function noTests(kind) {
  print(`no ${kind} tests exist yet`);
  process.exitCode = process.env.ORDERLAB_REQUIRE ? 1 : 0;
  return null;
}

/** Whole rounds, each from its own seed, for as long as one more round of the longest length still fits. */
async function runDeep(suite, args) {
  const files = testFiles('test').filter(isDeep);
  if (files.length === 0) return noTests('deep');
  const firstSeed = Number(process.env.ORDERLAB_SEED || randomInt(2 ** 31));
  process.env.ORDERLAB_RUNS = process.env.ORDERLAB_RUNS || String(DEEP_RUNS);
  process.env.ORDERLAB_DEEP_MINUTES = String(suite.budgetMinutes);
  const endMs = Date.now() + suite.budgetMinutes * 60_000;
  let counts = NOTHING;
  let longestMs = 0;
  for (let round = 0; round === 0 || Date.now() + longestMs <= endMs; round++) {
    const startMs = Date.now();
    process.env.ORDERLAB_SEED = String((firstSeed + round) % 2 ** 31);
    print(`${suite.title}: round ${round + 1}, seed ${process.env.ORDERLAB_SEED}, ${process.env.ORDERLAB_RUNS} runs`);
    counts = sum(counts, await runJest(suite, [...files, ...args]));
    longestMs = Math.max(longestMs, Date.now() - startMs);
    if (counts.failed > 0) break;
  }
  if (counts.failed > 0) print(`${suite.title}: replay with ${replayCommand(args)}`);
  return counts;
}

function replayCommand(args) {
  const { ORDERLAB_SEED: seed, ORDERLAB_RUNS: runs } = process.env;
  const replayed = ['npm run test:deep -- --minutes 0.01', ...args].join(' ');
  return `ORDERLAB_SEED=${seed} ORDERLAB_RUNS=${runs} ${replayed}`;
}

function testFiles(folder) {
  if (!fs.existsSync(path.join(root, folder))) return [];
  const names = fs.readdirSync(path.join(root, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => path.join(folder, name));
}

/** A test that draws its cases, or one that only the deep tier runs. */
function isDeep(file) {
  if (file.startsWith(path.join('test', 'real'))) return false;
  if (file.startsWith(path.join('test', 'deep'))) return true;
  return /from 'fast-check'/.test(fs.readFileSync(path.join(root, file), 'utf8'));
}

// ---- Jest and its counts

async function runJest(suite, args) {
  const argv = await buildArgv(['--config', path.join(root, suite.config), ...args]);
  const { results } = await runCLI(argv, [root]);
  const tests = results.testResults.flatMap((file) => file.testResults);
  const skippedNames = tests.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName);
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
    skippedNames,
  };
}

function sum(left, right) {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
    skippedNames: [...left.skippedNames, ...right.skippedNames],
  };
}

/** ORDERLAB_REQUIRE=redis,pulsar: parts that must be there, so that a skipped test with such a name is a failure. */
function missingParts({ skippedNames }) {
  const parts = (process.env.ORDERLAB_REQUIRE || '').split(',').filter(Boolean);
  return parts.flatMap((part) => {
    const missed = skippedNames.filter((name) => name.toLowerCase().includes(part.toLowerCase()));
    return missed.length === 0 ? [] : [`${part} is required, but ${missed.length} of its tests were skipped`];
  });
}

main(process.argv.slice(3)).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 3;
});
