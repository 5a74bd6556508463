/** `orderlab broker`: the broker model on a socket, for clients in any language and runs with processes. */
import { once } from 'node:events';
import type { Command } from 'commander';
import type { BrokerServer } from './broker-server/broker-server';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

const PORT_MAX = 65_535;

interface ServeFlags {
  readonly host: string;
  readonly port: string;
  readonly json?: boolean;
}

export function registerBroker(program: Command, terminal: Terminal): void {
  const broker = program.command('broker').description("the broker model behind Pulsar's own WebSocket and admin APIs");
  broker
    .command('serve')
    .exitOverride()
    .description('serve it until Ctrl-C; nothing is kept when it ends')
    .option('--port <port>', 'port of both APIs, 0 for one that is free', '8080')
    .option('--host <address>', 'address to listen on; whoever reaches it may do everything', '127.0.0.1')
    .option('--json', 'print one JSON object when it serves, and nothing else')
    .action((flags: ServeFlags) => serve(flags, terminal));
}

async function serve({ host, port, json }: ServeFlags, terminal: Terminal): Promise<void> {
  const chosenPort = wholeNumber('--port', port, 0, PORT_MAX);
  /** Loading the HTTP server takes a tenth of a second, so only who serves does. */
  const { serveBroker } = require('./broker-server/broker-server') as typeof import('./broker-server/broker-server');
  const server = await serveBroker({ host, port: chosenPort });
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  report(server, json === true, terminal);
  await interrupted;
  await server.close();
}

function report({ url, adminUrl }: BrokerServer, json: boolean, terminal: Terminal): void {
  if (json) {
    terminal.print(JSON.stringify({ state: 'running', pid: process.pid, url, adminUrl }));
    return;
  }
  terminal.print(`The broker model serves Pulsar's WebSocket API at ${url} and its admin API at ${adminUrl}`);
  terminal.print(`  try it: orderlab run --scenario competing-consumers --broker ${url}`);
  terminal.print('  Ctrl-C ends it, and everything that it holds');
}
