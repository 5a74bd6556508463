/** Workers: consumers that are processes, and the line on which they reach the broker. */
import type { ChildProcess } from 'node:child_process';
import { OrderlabError } from '../../shared/errors';
import { TcpProxy } from '../tcp-proxy';
import { waitUntil } from './wait';

/** How long a process that was asked to end may take. */
const END_DEADLINE_MS = 5_000;
const POLL_MS = 20;

export class Worker {
  readonly name: string;
  /** From 1; the second one is started after the first was killed. */
  readonly incarnationNumber: number;
  readonly #child: ChildProcess;
  /** null: it reaches the broker by itself. */
  readonly #line: TcpProxy | null;

  constructor(name: string, incarnationNumber: number, child: ChildProcess, line: TcpProxy | null) {
    this.name = name;
    this.incarnationNumber = incarnationNumber;
    this.#child = child;
    this.#line = line;
  }

  /** `c1#2`. */
  get incarnation(): string {
    return `${this.name}#${this.incarnationNumber}`;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** How it ended: a signal, or an exit code. */
  get ending(): string {
    return this.#child.signalCode ?? `exit code ${this.#child.exitCode}`;
  }

  get hasLine(): boolean {
    return this.#line !== null;
  }

  /** SIGSTOP: between two instructions, wherever it is. */
  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  /**
   * The broker sees it gone. It hears of that once it goes on, behind everything that was handed to it before: its end of
   * the line is closed in order, so nothing that the kernel keeps for it is thrown away.
   */
  loseLine(): void {
    this.#line?.halfOpenAll();
    this.#line?.cutAll();
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  /** One that does not heed SIGTERM in time is killed. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    if (!(await waitUntil(() => this.hasEnded, END_DEADLINE_MS, POLL_MS))) this.#child.kill('SIGKILL');
    await waitUntil(() => this.hasEnded, END_DEADLINE_MS, POLL_MS);
    await this.#line?.close();
  }
}

/**
 * A line of its own to a ws:// broker, which can be cut while the process stands still. Over pulsar:// there is none: the
 * client asks the broker for the broker's address and goes there.
 */
export async function lineTo(brokerUrl: string): Promise<{ readonly line: TcpProxy; readonly url: string }> {
  const { protocol, hostname, port, pathname } = new URL(brokerUrl);
  if (protocol !== 'ws:') {
    const problem = `a pause over ${protocol}// is not possible: nothing can stand between the process and a broker that shows certificates; use ws:// or pulsar://`;
    throw new OrderlabError('USAGE', { problem });
  }
  const line = await TcpProxy.open({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || HTTP_PORT) });
  return { line, url: `ws://127.0.0.1:${line.port}${pathname === '/' ? '' : pathname}` };
}

const HTTP_PORT = 80;
