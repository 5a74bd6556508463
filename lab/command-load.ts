/** `orderlab load`: an open-loop load, measured from the time at which events were meant to be sent, and judged. */
import { type Command, Option } from 'commander';
import type { LoadFlags } from './load/load-session';
import type { Terminal } from './terminal';

/** Where metrics listen unless told otherwise; see metrics-server.ts. */
const LOOPBACK = '127.0.0.1';

export function registerLoad(program: Command, terminal: Terminal): void {
  const more = (flags: string, text: string) => new Option(flags, text).hideHelp(!process.argv.includes('--all'));
  program
    .command('load')
    .description('put an open-loop load on it, measure from the intended time to the effect, and judge order meanwhile')
    .option('--rate <n>', 'events per second, on average (default: 1000)')
    .option('--duration <s>', 'seconds that are measured (default: 10)')
    .option('--warmup <s>', 'seconds before them, judged and not measured (default: 0)')
    .option('--arrival <kind>', 'constant | poisson | burst:SIZE (default: constant)')
    .option('--users <n>', 'users (default: 1000)')
    .option('--skew <skew>', 'uniform | zipf:S | hot:SHARE (default: zipf:1.1)')
    .option('--payload-bytes <n>', 'pad messages to this size (default: as they are)')
    .option('--topology <type>', 'key-shared | shared | failover | exclusive (default: key-shared)')
    .option('--consumers <n>', 'competing consumers in this process (default: 4; exclusive: 1)')
    .option('--strategy <name>', 'orderlab list strategies (default: version-next-repair)')
    .option('--broker <url>', 'where messages go', 'embedded:')
    .option('--store <url>', 'where the read model lives', 'embedded:')
    .option('--seed <seed>', 'the same events at the same times (default: a fresh one, printed first)')
    .option('--json', 'print one JSON object and nothing else')
    .option('--out <dir>', 'a new folder for load.json: report, seconds and histograms')
    .option('--metrics-port <port>', 'serve /metrics, /healthz and /readyz there; 0: any free port, which is printed')
    .addOption(more('--metrics-host <host>', 'where that port listens').default(LOOPBACK))
    .option('--watch', 'a line each second: rate, latency, backlog, disorder')
    .addOption(more('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker; needed with pulsar://)"))
    .addOption(more('--trace <file>', 'play a recorded stream instead: etcd, fastify, or a .jsonl file'))
    .addOption(more('--speedup <n>', 'with --trace: how much faster than recorded (default: 1)'))
    .addOption(more('--partitions <n>', 'partitions of the topic, 0 for a plain one (default: 0; failover: 4)'))
    .addOption(more('--receiver-queue-size <n>', 'messages a consumer prefetches (default: 100)'))
    .addOption(more('--idempotency-keys <on|off>', 'SETNX idempotency keys beside the sequence (default: off)'))
    .addOption(more('--slow-handlers <n:ms>', 'one handler in N takes MS milliseconds longer, or off (default: 32:2)'))
    .addHelpText('after', EXAMPLES)
    /** Histograms, metrics and an HTTP server take a tenth of a second to load: only who uses them waits for them. */
    .action((flags: LoadFlags) => {
      const { performLoad } = require('./load/load-session') as typeof import('./load/load-session');
      return performLoad(flags, terminal);
    });
}

const EXAMPLES = `
Examples:
  orderlab load --rate 2000 --duration 60
  orderlab load --topology shared --strategy no-guard           events get swapped; exit code 1
  orderlab load --broker ws://127.0.0.1:8080 --store redis://127.0.0.1:6379 --metrics-port 9464

Exit codes: 0 valid, 1 invalid, 2 unknown, 3 infrastructure, 64 usage.`;
