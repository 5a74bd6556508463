/**
 * Own broker: a Pulsar standalone that belongs to a run, which may therefore restart and kill it.
 *
 * Its data folder says whose it is. One that runs there already, started by `orderlab pulsar start`, is used and left
 * running; otherwise one is started on free ports and stopped when the run is over.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { OrderlabError } from '../shared/errors';
import { addressesOf, cacheFolder } from './pulsar-files';
import { killStandalone, type StandaloneOptions, startStandalone, statusOf, stopStandalone } from './pulsar-standalone';
import type { Terminal } from './terminal';

const PORT_MIN = 20_000;
const PORT_BOUND = 30_000;

/** A process that has ended lets go of its ports a moment later, on an overloaded machine a few moments. */
const PORTS_DEADLINE_MS = 30_000;
const PORTS_POLL_MS = 100;

export class OwnBroker {
  private constructor(
    private readonly options: StandaloneOptions,
    /** It ran before, so it goes on running. */
    private readonly isFound: boolean,
  ) {}

  /** Errors: those of startStandalone. */
  static async open(data: string, say: (sentence: string) => void): Promise<OwnBroker> {
    const folder = resolve(data);
    const status = await statusOf(folder);
    const isFound = status.state !== 'stopped';
    const ports = isFound ? status : { brokerPort: await freePort(), httpPort: await freePort() };
    const { brokerPort, httpPort } = ports;
    const options = { data: folder, cache: cacheFolder(process.env, homedir()), brokerPort, httpPort, say };
    const broker = new OwnBroker(options, isFound);
    if (!isFound) process.once('exit', broker.#endWithProcess);
    await startStandalone(options);
    return broker;
  }

  /** `ws://127.0.0.1:PORT`. */
  get url(): string {
    return addressesOf(this.options).ORDERLAB_PULSAR_WS;
  }

  /** In order: the broker persists what it knows. Resolves when it is healthy again. */
  async restart(): Promise<void> {
    await stopStandalone(this.options.data, 'in-order');
    await this.startAgain();
  }

  /** As if its machine had lost it. Resolves when it is healthy again. */
  async killAndRestart(): Promise<void> {
    await killStandalone(this.options.data);
    await this.startAgain();
  }

  async close(): Promise<void> {
    if (this.isFound) return;
    process.off('exit', this.#endWithProcess);
    await stopStandalone(this.options.data);
  }

  private async startAgain(): Promise<void> {
    const giveUpAtMs = performance.now() + PORTS_DEADLINE_MS;
    for (;;) {
      try {
        await startStandalone(this.options);
        return;
      } catch (thrown) {
        const isTaken = thrown instanceof OrderlabError && thrown.code === 'PORT_IN_USE';
        if (!isTaken || performance.now() > giveUpAtMs) throw thrown;
        await pause(PORTS_POLL_MS);
      }
    }
  }

  /** Whoever ends the command at once leaves no broker behind. */
  readonly #endWithProcess = (): void => void killStandalone(this.options.data);
}

/** The option by which a command is told of one. */
export const OWN_BROKER_TEXT =
  'a Pulsar of its own, with its data in this folder: a fault of the plan may restart or kill it (Java 17, Maven)';

/** null: none was asked for. Errors: USAGE with another broker beside it, and those of OwnBroker.open. */
export async function openOwnBroker(
  folder: string | undefined,
  brokerUrl: string,
  { say }: Terminal,
): Promise<OwnBroker | null> {
  if (folder === undefined) return null;
  if (brokerUrl !== 'embedded:') {
    throw new OrderlabError('USAGE', { problem: '--own-broker is the broker of the run: leave out --broker' });
  }
  return OwnBroker.open(folder, say);
}

/**
 * Outside the range from which the kernel draws the ports of outgoing connections: while the broker is down one of those
 * could take its place, and even find itself there.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORT_MIN, PORT_BOUND);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
