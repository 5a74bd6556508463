/** `orderlab broker`: the broker model on a socket, for clients in any language and runs with processes. */
import { rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { causeText, OrderlabError } from '../shared/errors';
import type { BrokerServer } from './broker-server/broker-server';
import { registerFaults } from './command-broker-fault';
import { EXIT_INTERRUPTED } from './exit-code';
import { StopRequest } from './stop-request';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

const PORT_MAX = 65_535;
/** The token in it is for its owner. */
const OWNER_ONLY = 0o600;

interface ServeFlags {
  readonly host: string;
  readonly port: string;
  readonly faults?: string;
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
    .option('--faults <file>', 'let `orderlab broker fault --control <file>` do things to it')
    .option('--json', 'print one JSON object when it serves, and nothing else')
    .action((flags: ServeFlags) => serve(flags, terminal));
  registerFaults(broker, terminal);
}

async function serve(flags: ServeFlags, terminal: Terminal): Promise<void> {
  const { host, faults } = flags;
  const port = wholeNumber('--port', flags.port, 0, PORT_MAX);
  /** Loading the HTTP server takes a tenth of a second, so only who serves does. */
  const { serveBroker } = require('./broker-server/broker-server') as typeof import('./broker-server/broker-server');
  const onFault = (fault: string): void => terminal.say(`fault: ${fault}`);
  const server = await serveBroker({ host, port, ...(faults === undefined ? {} : { onFault }) });
  const removeControl = (): void => {
    if (faults !== undefined) rmSync(faults, { force: true });
  };
  const stop = new StopRequest();
  /** A second Ctrl-C does not wait for clients to be closed. */
  const ask = (): void => {
    if (stop.asked) process.exit(EXIT_INTERRUPTED);
    stop.ask();
  };
  process.once('exit', removeControl).on('SIGINT', ask).on('SIGTERM', ask);
  try {
    if (faults !== undefined) writeControl(faults, server);
    report(server, flags, terminal);
    await stop.whenAsked;
  } finally {
    await server.close();
    process.off('exit', removeControl).off('SIGINT', ask).off('SIGTERM', ask);
    removeControl();
  }
}

function writeControl(path: string, { control }: BrokerServer): void {
  try {
    /** The mode counts only for a file that is made. */
    rmSync(path, { force: true });
    writeFileSync(path, `${JSON.stringify(control)}\n`, { mode: OWNER_ONLY });
  } catch (thrown) {
    throw new OrderlabError('FILE_UNWRITABLE', { path, cause: causeText(thrown) }, thrown);
  }
}

function report({ url, adminUrl }: BrokerServer, { faults, json }: ServeFlags, terminal: Terminal): void {
  if (json === true) {
    terminal.print(JSON.stringify({ state: 'running', pid: process.pid, url, adminUrl, control: faults ?? null }));
    return;
  }
  terminal.print(`The broker model serves Pulsar's WebSocket API at ${url} and its admin API at ${adminUrl}`);
  terminal.print(`  try it: orderlab run --scenario competing-consumers --broker ${url}`);
  if (faults !== undefined) terminal.print(`  break it: orderlab broker fault --help, with --control ${faults}`);
  terminal.print('  Ctrl-C ends it, and everything that it holds');
}
