/** `orderlab projector`: a read side that stays, in a process of its own; in a container it is told by variables. */
import type { Command } from 'commander';
import { addCornerOptions, variable } from './corner-options';
import { SUBSCRIPTION } from './experiment';
import type { ProjectorFlags } from './projector-service';
import type { Terminal } from './terminal';

export function registerProjector(program: Command, terminal: Terminal): void {
  const command = program
    .command('projector')
    .description('consumers that keep a read model up to date, until they are stopped');
  addCornerOptions(command)
    .addOption(variable('--subscription <name>', 'the subscription', 'ORDERLAB_SUBSCRIPTION', SUBSCRIPTION))
    .addOption(
      variable('--topology <type>', 'key-shared | shared | failover | exclusive', 'ORDERLAB_TOPOLOGY', 'key-shared'),
    )
    .addOption(variable('--strategy <name>', 'orderlab list strategies', 'ORDERLAB_STRATEGY', 'version-next-repair'))
    .addOption(variable('--consumers <n>', 'consumers in this process', 'ORDERLAB_CONSUMERS', '1'))
    .addOption(variable('--partitions <n>', 'partitions of the topic, 0 for a plain one', 'ORDERLAB_PARTITIONS'))
    .addOption(variable('--receiver-queue-size <n>', 'messages a consumer prefetches', 'ORDERLAB_RECEIVER_QUEUE_SIZE'))
    .addOption(variable('--idempotency-keys <on|off>', 'SETNX keys beside the sequence', 'ORDERLAB_IDEMPOTENCY_KEYS'))
    .addOption(
      variable(
        '--audit-interval <seconds>',
        'between two comparisons of log and read model; 0: only when the store may have forgotten',
        'ORDERLAB_AUDIT_INTERVAL',
        '300',
      ),
    )
    .addOption(
      variable(
        '--result-topic <topic>',
        'publish a result for each event, and watch their order',
        'ORDERLAB_RESULT_TOPIC',
      ),
    )
    .addOption(
      variable('--witness-overlap <on|off>', 'count handlers in the store', 'ORDERLAB_WITNESS_OVERLAP', 'off').choices([
        'on',
        'off',
      ]),
    )
    .action(async (flags: ProjectorFlags) => {
      const { serveProjector } = require('./projector-service') as typeof import('./projector-service');
      await serveProjector(flags, terminal);
    });
}
