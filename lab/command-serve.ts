/** `orderlab serve`: one part of the lab in a process of its own. */
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { serveConsumer } from './consumer-process';

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('run one part in a process of its own (projector: started by `run --processes`)')
    .argument('<part>', 'projector')
    .action(async (part: string) => {
      if (part !== 'projector') {
        throw new OrderlabError('UNKNOWN_NAME', { kind: 'part', kinds: 'scenarios', name: part });
      }
      if (process.send === undefined) {
        const problem = '`serve projector` is started by a supervisor: use `orderlab run --processes`';
        throw new OrderlabError('USAGE', { problem });
      }
      await serveConsumer();
    });
}
