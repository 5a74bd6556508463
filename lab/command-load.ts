/** `orderlab load`: an open-loop load, measured from the time at which events were meant to be sent, and judged. */
import { type Command, Option } from 'commander';
import { addCornerOptions, variable } from './corner-options';
import type { WorkerFlags } from './load/crowd-session';
import type { LoadFlags, PublishFlags } from './load/load-session';
import type { CompareFlags, FindMaxFlags } from './load/search-session';
import type { Terminal } from './terminal';

/** The topic of a meeting, unless told otherwise. */
const MEETING_TOPIC = 'load';

export function registerLoad(program: Command, terminal: Terminal): void {
  /** What stands behind `load compare` is an option of compare, although load has one of that name. */
  const load = program
    .enablePositionalOptions()
    .command('load')
    .description('put an open-loop load on it, measure from the intended time to the effect, and judge order meanwhile')
    .enablePositionalOptions();
  addPlaceOptions(
    addReadSideOptions(addShapeOptions(load, ', or a share such as 50% of what the bare client carries here')),
  )
    .option('--out <dir>', 'a new folder for load.json: report, seconds and histograms')
    .option('--metrics-port <port>', 'serve /metrics, /healthz and /readyz there; 0: any free port, which is printed')
    .addOption(rare('--metrics-host <host>', 'where that port listens (default: 127.0.0.1)'))
    .option('--watch', 'a line each second: rate, latency, backlog, disorder')
    .option('--workers <n>', 'put it on from n processes, started with `orderlab load worker`; one report')
    .addOption(rare('--meet <topic>', 'where they meet').default(MEETING_TOPIC))
    .addHelpText('after', EXAMPLES)
    /** Histograms, metrics and an HTTP server take a tenth of a second to load: only who uses them waits for them. */
    .action(async (flags: LoadFlags) => {
      const { performLoad } = require('./load/load-session') as typeof import('./load/load-session');
      await performLoad(flags, terminal);
    });
  registerPublish(load, terminal);
  registerWorker(load, terminal);
  registerCompare(load, terminal);
  registerFindMax(load, terminal);
}

function registerWorker(load: Command, terminal: Terminal): void {
  load
    .command('worker')
    .description('one process of a load of several: comes when `orderlab load --workers` calls, works once and reports')
    .addOption(
      variable(
        '--broker <url>',
        'where they meet and where its messages go',
        'ORDERLAB_PULSAR_WS',
      ).makeOptionMandatory(),
    )
    .addOption(variable('--store <url>', 'where its read model lives', 'ORDERLAB_REDIS_URL', 'embedded:'))
    .addOption(rare('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker)"))
    .addOption(rare('--meet <topic>', 'where they meet').default(MEETING_TOPIC))
    .action(async (flags: WorkerFlags) => {
      const { workSession } = require('./load/crowd-session') as typeof import('./load/crowd-session');
      await workSession(flags, terminal);
    });
}

function registerCompare(load: Command, terminal: Terminal): void {
  const command = load
    .command('compare')
    .description(
      'the same load on Exclusive, Failover, Shared and Key_Shared, one after the other: the price of order',
    );
  addPlaceOptions(addStrategyOptions(addShapeOptions(command)))
    .option('--html <file>', 'also as one page with charts')
    .action(async (flags: CompareFlags) => {
      const { performCompare } = require('./load/search-session') as typeof import('./load/search-session');
      await performCompare(flags, terminal);
    });
}

function registerFindMax(load: Command, terminal: Terminal): void {
  const command = load
    .command('find-max')
    .description(
      'the highest rate at which order, effect and latency all hold, with the step below and the step above',
    );
  addPlaceOptions(addReadSideOptions(addShapeOptions(command)))
    .option('--slo <goal>', 'such as p99=200ms: p50, p90, p99, p99.9 or max, in ms or s', 'p99=200ms')
    .option('--rate-max <n>', 'try nothing above it')
    .action(async (flags: FindMaxFlags) => {
      const { performFindMax } = require('./load/search-session') as typeof import('./load/search-session');
      await performFindMax(flags, terminal);
    });
}

/** The load of a lab that stays: in a container it is told by variables. */
function registerPublish(load: Command, terminal: Terminal): void {
  const command = load
    .command('publish')
    .description('the load alone, on a topic that others read; who consumes judges')
    .addOption(variable('--rate <n>', 'events per second, on average (default: 1000)', 'ORDERLAB_RATE'))
    .addOption(variable('--duration <s>', 'seconds (default: 10)', 'ORDERLAB_DURATION'))
    .addOption(variable('--arrival <kind>', 'constant | poisson | burst:SIZE', 'ORDERLAB_ARRIVAL'))
    .addOption(variable('--users <n>', 'users (default: 1000)', 'ORDERLAB_USERS'))
    .addOption(variable('--skew <skew>', 'uniform | zipf:S | hot:SHARE', 'ORDERLAB_SKEW'))
    .option('--payload-bytes <n>', 'pad messages to this size (default: as they are)')
    .option('--watch', 'a line each second');
  addCornerOptions(command).action(async (flags: PublishFlags) => {
    const { performPublish } = require('./load/load-session') as typeof import('./load/load-session');
    await performPublish(flags, terminal);
  });
}

/** When events come, of whom, and how large they are. */
function addShapeOptions(command: Command, rateAlso = ''): Command {
  return command
    .option('--rate <n>', `events per second, on average (default: 1000)${rateAlso}`)
    .option('--duration <s>', 'seconds that are measured (default: 10)')
    .option('--warmup <s>', 'seconds before them, judged and not measured (default: 0)')
    .option('--arrival <kind>', 'constant | poisson | burst:SIZE (default: constant)')
    .option('--users <n>', 'users (default: 1000)')
    .option('--skew <skew>', 'uniform | zipf:S | hot:SHARE (default: zipf:1.1)')
    .option('--payload-bytes <n>', 'pad messages to this size (default: as they are)')
    .option('--seed <seed>', 'the same events at the same times (default: a fresh one, printed first)')
    .addOption(rare('--trace <file>', 'play a recorded stream instead: etcd, fastify, or a .jsonl file'))
    .addOption(rare('--speedup <n>', 'with --trace: how much faster than recorded (default: 1)'));
}

/** Who consumes, and how. */
function addReadSideOptions(command: Command): Command {
  return addStrategyOptions(command)
    .option('--topology <type>', 'key-shared | shared | failover | exclusive (default: key-shared)')
    .option('--consumers <n>', 'competing consumers in this process (default: 4; exclusive: 1)');
}

function addStrategyOptions(command: Command): Command {
  return command
    .option('--strategy <name>', 'orderlab list strategies (default: version-next-repair)')
    .addOption(rare('--partitions <n>', 'partitions of the topic, 0 for a plain one (default: 0; failover: 4)'))
    .addOption(rare('--receiver-queue-size <n>', 'messages a consumer prefetches (default: 100)'))
    .addOption(rare('--idempotency-keys <on|off>', 'SETNX idempotency keys beside the sequence (default: off)'))
    .addOption(rare('--slow-handlers <n:ms>', 'one handler in N takes MS milliseconds longer, or off (default: 32:2)'));
}

function addPlaceOptions(command: Command): Command {
  return command
    .option('--broker <url>', 'where messages go', 'embedded:')
    .option('--store <url>', 'where the read model lives', 'embedded:')
    .addOption(rare('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker; needed with pulsar://)"))
    .option('--json', 'print one JSON object and nothing else');
}

function rare(flags: string, text: string): Option {
  return new Option(flags, text).hideHelp(!process.argv.includes('--all'));
}

const EXAMPLES = `
Examples:
  orderlab load --rate 2000 --duration 60
  orderlab load --topology shared --strategy no-guard           events get swapped; exit code 1
  orderlab load --broker ws://127.0.0.1:8080 --store redis://127.0.0.1:6379 --metrics-port 9464
  orderlab load --broker ws://127.0.0.1:8080 --store redis://127.0.0.1:6379 --rate 50%

Exit codes: 0 valid, 1 invalid, 2 unknown, 3 infrastructure, 64 usage.`;
