/** Ad-hoc plan: the plan of a run that no scenario describes, from the options of a command line and a seed. */
import type { Command } from 'commander';
import { seededRandom } from '../shared/adapters/seeded-random';
import { planOf, type RunInput, readRunInput } from '../shared/config';
import type { Plan, Point } from '../shared/model/plan';
import { countTrace } from './trace-source';

/** Points between the delivery and the acknowledgement: whichever is drawn, the delivery comes again. */
const KILL_POINTS: readonly Point[] = ['before:apply', 'after:apply', 'before:ack'];

/** The options that describe such a run, for each command that plays one. */
export function withPlanOptions(command: Command): Command {
  return command
    .option('--topology <type>', 'key-shared | shared | failover | exclusive (default: key-shared)')
    .option('--consumers <n>', 'competing consumers (default: 4; exclusive: 1)')
    .option('--strategy <name>', 'orderlab list strategies (default: version-next-repair)')
    .option('--claim <claim>', 'order+once | once | none (default: order+once)')
    .option('--trace <file>', 'a recorded stream: etcd, fastify, a .jsonl or .jsonl.gz file, or - for standard input')
    .option('--users <n>', 'users of a synthetic workload (default: 1000)')
    .option('--events <n>', 'events of a synthetic workload (default: 20000)')
    .option('--skew <skew>', 'uniform | zipf:S | hot:SHARE (default: zipf:1.1)')
    .option('--rate <n>', 'events per second, or `trace` for the recorded time (default: as fast as possible)')
    .option('--kill-one', 'kill one consumer half way, with a delivery unacknowledged')
    .option('--kills <n>', 'kill n consumers, spread over the run; each is replaced');
}

/** eventCount null: a trace that nobody had to count. Errors: USAGE with every problem of the input, and those of the trace. */
export async function adHocPlan(
  input: RunInput,
  seed: string,
  skipBadLines: boolean,
): Promise<{ readonly plan: Plan; readonly eventCount: number | null }> {
  const random = seededRandom(seed);
  const settings = readRunInput(input);
  const { trace, events, killOne, kills } = settings;
  const mustKnow = killOne || kills > 0;
  const eventCount = trace === null ? events : mustKnow ? await countTrace(trace, skipBadLines) : null;
  const killAt = (index: number): Point => {
    const drawn = random.stream('kill', String(index)).below(KILL_POINTS.length);
    return KILL_POINTS[drawn] ?? 'before:ack';
  };
  return { plan: planOf(settings, { seed, eventCount, killAt }), eventCount };
}
