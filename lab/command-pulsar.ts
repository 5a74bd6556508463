/** `orderlab pulsar`: a real broker on this machine, without containers. */
import { homedir } from 'node:os';
import type { Command } from 'commander';
import { EXIT_INTERRUPTED } from './exit-code';
import { addressesOf, cacheFolder, DEFAULT_PORTS, dataFolder, PULSAR_VERSION } from './pulsar-files';
import { resolveJars } from './pulsar-jars';
import { killStandalone, type StandaloneStatus, startStandalone, statusOf, stopStandalone } from './pulsar-standalone';
import type { Terminal } from './terminal';

interface PlaceOptions {
  readonly data: string;
  readonly json?: true;
}

interface StartOptions extends PlaceOptions {
  readonly port: number;
  readonly httpPort: number;
}

export function registerPulsar(program: Command, terminal: Terminal): void {
  const pulsar = program
    .command('pulsar')
    .description(`run a Pulsar ${PULSAR_VERSION} on this machine (Java 17, Maven)`);
  const data = dataFolder(process.env, homedir());
  const placed = (command: Command): Command =>
    command
      .exitOverride()
      .option('--data <folder>', 'its messages, configuration and log', data)
      .option('--json', 'print one JSON object and nothing else');
  placed(pulsar.command('start'))
    .description('start it and wait until it is healthy; the first time its jars are fetched')
    .option('--port <port>', 'port of the binary protocol, pulsar://', portOf, DEFAULT_PORTS.brokerPort)
    .option('--http-port <port>', 'port of the admin and WebSocket APIs', portOf, DEFAULT_PORTS.httpPort)
    .action((options: StartOptions) => start(options, terminal));
  placed(pulsar.command('stop'))
    .description('stop it; its messages stay')
    .action((options: PlaceOptions) => stop(options, terminal));
  placed(pulsar.command('status'))
    .description('tell whether it runs')
    .action(async (options: PlaceOptions) => report(await statusOf(options.data), options, terminal));
  pulsar
    .command('jars')
    .description('only fetch the jars')
    .exitOverride()
    .action(async () => {
      const say = (sentence: string): void => terminal.say(sentence);
      terminal.print(await interruptibly((signal) => resolveJars({ cache: jarsCache(), say, signal })));
    });
}

function portOf(text: string): number {
  return Number(text);
}

function jarsCache(): string {
  return cacheFolder(process.env, homedir());
}

async function start({ data, port, httpPort, json }: StartOptions, terminal: Terminal): Promise<void> {
  const say = (sentence: string): void => terminal.say(sentence);
  const place = { data, cache: jarsCache(), brokerPort: port, httpPort, say };
  /** Whoever ends what was begun waits for the process, and sees that it is gone. */
  const kill = (): void => void killStandalone(data).catch(() => {});
  const status = await interruptibly((signal) => startStandalone({ ...place, signal }), kill);
  report(status, { data, ...(json && { json }) }, terminal);
}

/**
 * A Ctrl-C ends what was begun, so that no process is left, and one more hurries that. Both are listened for until the end:
 * the second one would otherwise end this process alone.
 */
async function interruptibly<T>(work: (signal: AbortSignal) => Promise<T>, hurry?: () => void): Promise<T> {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) hurry?.();
    abort.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await work(abort.signal);
  } catch (thrown) {
    if (!abort.signal.aborted) throw thrown;
    process.exit(EXIT_INTERRUPTED);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function stop({ data, json }: PlaceOptions, terminal: Terminal): Promise<void> {
  const wasRunning = await stopStandalone(data);
  if (json === true) terminal.print(JSON.stringify({ state: 'stopped', wasRunning, data }));
  else terminal.print(wasRunning ? 'stopped' : `nothing runs from ${data}`);
}

/** Everything that a script needs to use it: the same names as the environment variables. */
function report(status: StandaloneStatus, { json }: PlaceOptions, terminal: Terminal): void {
  const addresses = status.state === 'stopped' ? {} : addressesOf(status);
  if (json === true) {
    terminal.print(JSON.stringify({ ...status, version: PULSAR_VERSION, ...addresses }));
    return;
  }
  terminal.print(`Pulsar ${PULSAR_VERSION}: ${status.state} (data in ${status.data})`);
  if (status.state === 'stopped') return;
  terminal.print(`  process ${status.pid}, log in ${status.log}`);
  for (const [name, address] of Object.entries<string>(addresses)) terminal.print(`  ${name}=${address}`);
}
