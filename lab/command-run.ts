/** `orderlab run`: one run, one verdict. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import { systemClock } from '../shared/adapters/system-clock';
import type { RunInput } from '../shared/config';
import { causeText, OrderlabError } from '../shared/errors';
import type { Plan } from '../shared/model/plan';
import type { Scenario } from '../shared/model/scenario';
import { scenarioNamed } from '../shared/scenarios/registry';
import { adHocPlan, withPlanOptions } from './ad-hoc-plan';
import { withTokenFile } from './broker-token';
import { EXIT_BY_VERDICT } from './exit-code';
import { differences } from './expectation';
import { onInterrupt } from './interrupt';
import { adminOf, OWN_BROKER_TEXT, type OwnBroker, openOwnBroker } from './own-broker';
import { replayCommand } from './replay-command';
import { junit, verdictLines } from './report';
import { freshSeed, type RunReport, run } from './run';
import { runFolderName } from './run-folder';
import { seededScenarioPlan } from './seeded-scenario';
import type { Terminal } from './terminal';

/** Options of the command itself; the others describe the run (shared/config.ts). */
interface RunFlags extends RunInput {
  readonly scenario?: string;
  readonly expect?: boolean;
  readonly seed?: string;
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly processes?: boolean;
  readonly ownBroker?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly junit?: string;
  readonly skipBadLines?: boolean;
  readonly metricsPort?: string;
  readonly metricsHost?: string;
  readonly watch?: boolean;
  readonly tokenFile?: string;
}

export function registerRun(program: Command, terminal: Terminal): void {
  const more = (flags: string, text: string) => new Option(flags, text).hideHelp(!process.argv.includes('--all'));
  const command = program
    .command('run')
    .description('run a scenario, a recorded stream or a synthetic workload, and judge it')
    .option('--scenario <name>', 'a named experiment (orderlab list scenarios)')
    .option('--expect', 'exit 0 exactly when the verdict is the one that the scenario states');
  withTokenFile(withPlanOptions(command))
    .option('--seed <seed>', 'replays the same workload and the same faults (default: a fresh one, printed first)')
    .option('--broker <url>', 'where messages go', 'embedded:')
    .option('--store <url>', 'where the read model lives', 'embedded:')
    .option('--processes', 'every consumer in a process of its own, killed for real (needs --store redis://…)')
    .addOption(
      more('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker, as http; needed with pulsar://)"),
    )
    .addOption(more('--own-broker <folder>', OWN_BROKER_TEXT))
    .option('--out <dir>', 'the run folder (default: runs/TIME-SCENARIO-SEED)')
    .option('--json', 'print one JSON object and nothing else')
    .option('--watch', 'a line each second: rate, latency, backlog, disorder')
    .option('--junit <file>', 'also write the verdict as a JUnit file')
    .addOption(more('--partitions <n>', 'partitions of the topic, 0 for a plain one (default: 0; failover: 4)'))
    .addOption(more('--receiver-queue-size <n>', 'messages a consumer prefetches (default: 100)'))
    .addOption(more('--idempotency-keys <on|off>', 'SETNX idempotency keys beside the sequence (default: on)'))
    .addOption(more('--audit <on|off>', 'journal every effect; off: effect classes are not judged (default: on)'))
    .addOption(more('--on-failure <park|nack>', 'what a failing handler leads to (default: park)'))
    .addOption(more('--slow-handlers <n:ms>', 'one handler in N takes MS milliseconds longer, or off (default: 32:2)'))
    .addOption(more('--result-topic', 'publish each result to a derived topic, which is judged too'))
    .addOption(more('--metrics-port <port>', 'serve /metrics, /healthz and /readyz there; 0: any free port'))
    .addOption(more('--metrics-host <host>', 'where that port listens (default: 127.0.0.1)'))
    .addOption(more('--speedup <n>', 'with --rate trace: how much faster than recorded (default: 1)'))
    .addOption(more('--skip-bad-lines', 'count unreadable lines of a trace and go on'))
    .addHelpText('after', EXAMPLES)
    .action((flags: RunFlags) => runCommand(flags, terminal));
}

const EXAMPLES = `
Examples:
  orderlab run --scenario competing-consumers-naive --expect
  orderlab run --trace etcd --consumers 4 --kill-one
  orderlab run --topology shared --strategy no-guard            events get swapped; exit code 1
  orderlab help --all                                           every option

Exit codes: 0 valid, 1 invalid, 2 unknown, 3 infrastructure, 64 usage.`;

async function runCommand(flags: RunFlags, terminal: Terminal): Promise<void> {
  const {
    scenario: name,
    expect,
    seed: given,
    broker,
    store,
    admin,
    processes = false,
    ownBroker,
    out,
    json,
    junit: junitPath,
    watch: _watch,
    tokenFile: _tokenFile,
    metricsPort: _port,
    metricsHost: _host,
    ...rest
  } = flags;
  const { skipBadLines = false, ...input } = rest;
  const seed = given ?? freshSeed();
  const scenario = name === undefined ? null : requireScenario(name, input);
  if (expect === true && scenario === null) throw usage('--expect needs --scenario: only a scenario states a verdict');
  const { plan, eventCount } =
    scenario === null
      ? await adHocPlan(input, seed, skipBadLines)
      : { plan: seededScenarioPlan(scenario, seed), eventCount: null };
  const interrupt = onInterrupt(terminal);
  /** First of all, also where only JSON goes to standard output: a run that fails can be replayed. */
  (json === true ? terminal.say : terminal.print)(`seed ${seed}`);
  const startedAtMs = Date.now();
  const watched = await watchRun(flags, plan, terminal);
  let endWatch = (): void => {};
  let own: OwnBroker | null = null;
  try {
    own = await openOwnBroker(ownBroker, broker, terminal);
    const { report, verdict } = await run({
      ...(own === null ? {} : { ownBroker: own }),
      ...{
        plan,
        brokerUrl: own?.url ?? broker,
        storeUrl: store,
        clock: systemClock,
        skipBadLines,
        stop: interrupt,
        processes,
      },
      ...adminOf(own, admin),
      folderPath: out ?? runFolderName(startedAtMs, plan.scenario, seed),
      folderClash: out === undefined ? 'number' : 'refuse',
      replay: replayCommand(seed),
      ...(watched === null ? {} : { watcher: watched.watcher, gathering: watched.gathering }),
      onStart: (meter) => {
        endWatch = terminal.watch(meter, eventCount);
      },
    });
    endWatch();
    const problems = expect === true && scenario !== null ? differences(scenario.expected, verdict) : null;
    if (json === true) terminal.print(JSON.stringify(report));
    else printReport(report, verdictLines(verdict), problems, terminal);
    const failures = problems ?? (report.verdict === 'valid' ? [] : [`the verdict is ${report.verdict}`]);
    if (junitPath !== undefined) writeJunit(junitPath, junit(report, failures, Date.now() - startedAtMs));
    process.exitCode = problems === null ? EXIT_BY_VERDICT[report.verdict] : exitOf(problems);
  } finally {
    endWatch();
    await watched?.close();
    await own?.close();
    interrupt.release();
  }
}

/** Histograms and an HTTP server take a tenth of a second to load: only who asks for them waits for them. */
async function watchRun(flags: RunFlags, plan: Plan, terminal: Terminal) {
  const { watch, metricsPort, processes } = flags;
  if (watch !== true && metricsPort === undefined) return null;
  if (watch === true && processes === true)
    throw usage('--watch judges what passes in this process: leave out --processes, or scrape it with --metrics-port');
  const { openRunWatch } = require('./run-watch') as typeof import('./run-watch');
  return openRunWatch(flags, plan, terminal);
}

function exitOf(problems: readonly string[]): number {
  return problems.length === 0 ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
}

function printReport(
  report: RunReport,
  lines: readonly string[],
  problems: readonly string[] | null,
  terminal: Terminal,
): void {
  for (const line of lines) terminal.print(line);
  if (problems !== null) {
    terminal.print(problems.length === 0 ? 'AS EXPECTED by the scenario' : 'NOT AS EXPECTED by the scenario:');
    for (const problem of problems) terminal.print(`  ${problem}`);
  }
  if (report.writerOutageMs !== null)
    terminal.print(`  after a writer died nothing was accepted for ${(report.writerOutageMs / 1_000).toFixed(2)} s`);
  terminal.print(`  ${report.eventsPerSecond} events/s; run folder ${report.runFolder}`);
  if (report.badLines > 0) terminal.print(`  ${report.badLines} unreadable lines of the trace were left out`);
  if (report.verdict === 'invalid') terminal.print(`  see it: orderlab explain ${report.runFolder}`);
  terminal.print(`replay: ${report.replay}`);
}

function requireScenario(name: string, input: RunInput): Scenario {
  const scenario = scenarioNamed(name);
  if (scenario === null) throw new OrderlabError('UNKNOWN_NAME', { kind: 'scenario', kinds: 'scenarios', name });
  const [option] = Object.keys(input);
  if (option !== undefined) {
    throw usage(
      `--scenario brings its own plan: leave out the option for ${option}, or describe the run without --scenario`,
    );
  }
  return scenario;
}

function writeJunit(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (thrown) {
    throw new OrderlabError('FILE_UNWRITABLE', { path, cause: causeText(thrown) }, thrown);
  }
}

function usage(problem: string): OrderlabError {
  return new OrderlabError('USAGE', { problem });
}
