/** Services of docker-compose.yml as plain processes: the same commands and variables, with the addresses of this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { invariant } from '../../shared/model/invariant';
import { composeServices } from './compose';
import { ROOT } from './markdown-page';
import { until } from './until';

/** What differs on this machine: variables by name. */
export type Overrides = Readonly<Record<string, string>>;

export class LabService {
  private said = '';
  private readonly child: ChildProcess;

  constructor(
    readonly name: string,
    overrides: Overrides,
  ) {
    const { command = [], environment = {} } = composeServices()[name] ?? {};
    const words = command.slice(command.indexOf('lab/orderlab.js') + 1);
    const inherited = Object.entries(process.env).filter(([variable]) => !variable.startsWith('ORDERLAB_'));
    const env = { ...Object.fromEntries(inherited), ...environment, ...overrides };
    this.child = spawn(process.execPath, [join(ROOT, 'lab', 'orderlab.js'), ...words], { env, stdio: 'pipe' });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    }
  }

  /** `127.0.0.1:PORT`, where it is scraped. Resolves when it is ready. */
  async ready(): Promise<string> {
    await until(
      `${this.name} is ready`,
      async () => {
        return this.isWorking && this.address !== null && (await isOk(`http://${this.address}/readyz`));
      },
      120_000,
    );
    return this.address ?? '';
  }

  /** What stands in the first group of the pattern, once the process has said it. */
  async says(pattern: RegExp): Promise<string> {
    await until(`${this.name} says ${pattern.source}`, () => this.isWorking && pattern.test(this.said), 120_000);
    return pattern.exec(this.said)?.[1] ?? '';
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Orderly, as compose does it. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Throws with what it said last when it has ended. */
  private get isWorking(): boolean {
    invariant(this.child.exitCode === null, `${this.name} works, and did not say: ${this.said}`);
    return true;
  }

  private get address(): string | null {
    return /metrics: http:\/\/(\S+)\/metrics/.exec(this.said)?.[1] ?? null;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await once(this.child, 'exit');
  }
}

export async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
