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

/** How a run speaks to a broker of its own, whose address nobody knows beforehand. */
const OWN_PROTOCOLS = ['ws:', 'pulsar:'] as const;
type OwnProtocol = (typeof OWN_PROTOCOLS)[number];

export class OwnBroker {
  private constructor(
    private readonly options: StandaloneOptions,
    private readonly protocol: OwnProtocol,
    /** It ran before, so it goes on running. */
    private readonly isFound: boolean,
  ) {}

  /** Errors: those of startStandalone. */
  static async open(data: string, protocol: OwnProtocol, say: (sentence: string) => void): Promise<OwnBroker> {
    const folder = resolve(data);
    const status = await statusOf(folder);
    const isFound = status.state !== 'stopped';
    const ports = isFound ? status : { brokerPort: await freePort(), httpPort: await freePort() };
    const { brokerPort, httpPort } = ports;
    const options = { data: folder, cache: cacheFolder(process.env, homedir()), brokerPort, httpPort, say };
    const broker = new OwnBroker(options, protocol, isFound);
    if (!isFound) process.once('exit', broker.#endWithProcess);
    await startStandalone(options);
    return broker;
  }

  /** `ws://127.0.0.1:PORT`, or `pulsar://127.0.0.1:PORT` where the native client is to be used. */
  get url(): string {
    const { ORDERLAB_PULSAR_WS, ORDERLAB_PULSAR_URL } = addressesOf(this.options);
    return this.protocol === 'pulsar:' ? ORDERLAB_PULSAR_URL : ORDERLAB_PULSAR_WS;
  }

  get adminUrl(): string {
    return addressesOf(this.options).admin;
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
  'a Pulsar of its own, with its data in this folder, that faults may restart or kill; --broker pulsar: speaks natively to it';

/** null: none was asked for. Errors: USAGE with another broker beside it, and those of OwnBroker.open. */
export async function openOwnBroker(
  folder: string | undefined,
  brokerUrl: string,
  { say }: Terminal,
): Promise<OwnBroker | null> {
  if (folder === undefined) return null;
  const protocol = brokerUrl === 'embedded:' ? 'ws:' : OWN_PROTOCOLS.find((known) => known === brokerUrl);
  if (protocol === undefined) {
    const problem =
      '--own-broker is the broker of the run: leave out --broker, or say ws: or pulsar: without an address';
    throw new OrderlabError('USAGE', { problem });
  }
  return OwnBroker.open(folder, protocol, say);
}

/** Where the admin API is: the own broker's, or what the command line says. */
export function adminOf(own: OwnBroker | null, given: string | undefined): { readonly adminUrl?: string } {
  const adminUrl = own?.adminUrl ?? given;
  return adminUrl === undefined ? {} : { adminUrl };
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
