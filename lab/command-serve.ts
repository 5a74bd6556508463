/** `orderlab serve`: one part of the lab in a process of its own. */
import { Argument, type Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { CLOSE_DEADLINE_MS } from './api/api-limits';
import { serveConsumer } from './consumer-process';
import { LOOPBACK } from './metrics-server';
import { openService } from './service';
import { SERVICE_PARTS, type ServiceFlags, type ServicePart } from './service-options';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';
import { serveWriter } from './writer-process';

const PORT_MAX = 65_535;

interface ServeFlags extends ServiceFlags {
  readonly json?: boolean;
}

export function registerServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('run one part of the user service in a process of its own, beside any number of its like')
    .addArgument(
      new Argument('<part>', 'which part (projector: started by `run --processes`)').choices([
        ...SERVICE_PARTS,
        'projector',
      ]),
    )
    .option('--host <host>', 'where the API listens', LOOPBACK)
    .option('--port <n>', 'its port, 0 for any free one', (text) => wholeNumber('--port', text, 0, PORT_MAX), 3_000)
    .option('--broker <url>', 'where events are published', 'embedded:')
    .option('--store <url>', 'where events are decided and the read model lives', 'embedded:')
    .option('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker; needed with pulsar://)")
    .option('--namespace <name>', 'TENANT/NAMESPACE of the topic', 'public/default')
    .option('--key-prefix <prefix>', 'begins every key of the store', 'orderlab:users')
    .option('--topic <name>', 'the topic of events', 'users')
    .option('--subscription <name>', 'the subscription of projectors', 'projector')
    .option('--name <name>', 'names the instance (default: HOST-PID)')
    .option('--token-file <file>', 'who may ask: lines of NAME read,write TOKEN')
    .option('--insecure-lab', 'everybody may ask everything; only on a loopback host')
    .option('--json', 'print one JSON object when it listens')
    .action(async (part: ServicePart | 'projector', flags: ServeFlags) => {
      if (part === 'projector' || (part === 'command-api' && process.send !== undefined)) await serveForRun(part);
      else await serveForGood(part, flags, terminal);
    });
}

async function serveForRun(part: 'projector' | 'command-api'): Promise<void> {
  if (process.send === undefined) {
    const problem = '`serve projector` is started by a supervisor: use `orderlab run --processes`';
    throw new OrderlabError('USAGE', { problem });
  }
  await (part === 'projector' ? serveConsumer() : serveWriter());
}

/** Until it is asked to end: then nothing that was accepted is left behind, unless that takes too long. */
async function serveForGood(part: ServicePart, flags: ServeFlags, terminal: Terminal): Promise<void> {
  const service = await openService(part, flags);
  if (flags.json === true) terminal.print(JSON.stringify({ part, url: service.url }));
  else terminal.print(`${part} listens on ${service.url} (docs: ${service.url}/docs); Ctrl-C ends it`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  setTimeout(() => process.exit(1), CLOSE_DEADLINE_MS).unref();
  await service.close();
}
