/** `orderlab serve`: one part of the lab in a process of its own. */
import { Argument, type Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { CLOSE_DEADLINE_MS } from './api/api-limits';
import { serveConsumer } from './consumer-process';
import { addMetricsOptions, BROKER_VARIABLE, STORE_VARIABLE, variable } from './corner-options';
import { LOOPBACK } from './metrics-server';
import { openService } from './service';
import { makeToken, SERVICE_PARTS, type ServiceFlags, type ServicePart } from './service-options';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';
import { serveWriter } from './writer-process';

const PORT_MAX = 65_535;
const SHARDS_MAX = 1_024;

interface ServeFlags extends Omit<ServiceFlags, 'freshToken'> {
  readonly json?: boolean;
  readonly freshToken?: boolean;
}

export function registerServe(program: Command, terminal: Terminal): void {
  const command = program
    .command('serve')
    .description('run one part of the user service in a process of its own, beside any number of its like')
    .addArgument(
      new Argument('<part>', 'which part (projector: started by `run --processes`)').choices([
        ...SERVICE_PARTS,
        'projector',
      ]),
    )
    .addOption(variable('--host <host>', 'where the API listens', 'ORDERLAB_API_HOST', LOOPBACK))
    .addOption(
      variable('--port <n>', 'its port, 0 for any free one', 'ORDERLAB_API_PORT')
        .argParser((text) => wholeNumber('--port', text, 0, PORT_MAX))
        .default(3_000),
    )
    .addOption(variable('--broker <url>', 'where events are published', BROKER_VARIABLE, 'embedded:'))
    .addOption(
      variable('--store <url>', 'where events are decided and the read model lives', STORE_VARIABLE, 'embedded:'),
    )
    .addOption(
      variable('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker)", 'ORDERLAB_PULSAR_ADMIN'),
    )
    .addOption(variable('--namespace <name>', 'TENANT/NAMESPACE of the topic', 'ORDERLAB_NAMESPACE', 'public/default'))
    .addOption(
      variable('--key-prefix <prefix>', 'begins every key of the store', 'ORDERLAB_KEY_PREFIX', 'orderlab:users'),
    )
    .addOption(variable('--topic <name>', 'the topic of events', 'ORDERLAB_TOPIC', 'users'))
    .addOption(
      variable('--subscription <name>', 'the subscription of projectors', 'ORDERLAB_SUBSCRIPTION', 'projector'),
    )
    .addOption(
      variable(
        '--command-topic <name>',
        'the topic that commands travel on: whoever has a user handles its commands one after the other, and replies (default: the instance that is asked executes them)',
        'ORDERLAB_COMMAND_TOPIC',
      ),
    )
    .addOption(
      variable(
        '--shards <n>',
        'parts of the users; one instance acts for each of them, and the others answer 421 with its name (0: any instance acts for any user)',
        'ORDERLAB_SHARDS',
      )
        .argParser((text) => wholeNumber('--shards', text, 0, SHARDS_MAX))
        .default(0),
    )
    .option('--name <name>', 'names the instance (default: HOST-PID)')
    .option('--token-file <file>', 'who may ask: lines of NAME read,write TOKEN')
    .option('--fresh-token', 'whoever has the token that this instance makes and prints when it listens')
    .option('--insecure-lab', 'everybody may ask everything; only on a loopback host')
    .option('--json', 'print one JSON object when it listens');
  addMetricsOptions(command).action(async (part: ServicePart | 'projector', flags: ServeFlags) => {
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
async function serveForGood(part: ServicePart, { freshToken, ...flags }: ServeFlags, terminal: Terminal) {
  const token = freshToken === true ? { freshToken: makeToken() } : {};
  const service = await openService(part, { ...flags, ...token }, terminal);
  if (token.freshToken !== undefined) terminal.say(`token: ${token.freshToken}`);
  if (flags.json === true) terminal.print(JSON.stringify({ part, url: service.url }));
  else terminal.print(`${part} listens on ${service.url} (docs: ${service.url}/docs); Ctrl-C ends it`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  setTimeout(() => process.exit(1), CLOSE_DEADLINE_MS).unref();
  await service.close();
}
