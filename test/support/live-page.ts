/** The live page as a user has it: the command in a process of its own, and the browser of this machine. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { invariant } from '../../shared/model/invariant';
import { type CommandRun, orderlab } from './orderlab';
import { until } from './until';

/** From the start of the command to its address: it may have to build first. */
const START_DEADLINE_MS = 120_000;

export class LiveCommand {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly running: Promise<CommandRun>,
  ) {}

  /** `words`: behind `orderlab`. Resolves when the address was printed. */
  static async start(words: readonly string[], folder: string): Promise<LiveCommand> {
    let said = '';
    let isOver = false;
    const { child, running } = begun(words, folder);
    child.stdout?.on('data', (text: string) => {
      said += text;
    });
    void running.finally(() => {
      isOver = true;
    });
    const address = (): string | undefined => /^(http:\S+)$/m.exec(said)?.[1];
    try {
      await until('the address of the page', () => isOver || address() !== undefined, START_DEADLINE_MS);
      const url = address();
      if (url !== undefined) return new LiveCommand(url, child, running);
      throw new Error(`no address: ${JSON.stringify(await running)}`);
    } catch (thrown) {
      child.kill('SIGKILL');
      throw thrown;
    }
  }

  /** As Ctrl-C. */
  end(): Promise<CommandRun> {
    this.child.kill('SIGINT');
    return this.running;
  }
}

function begun(words: readonly string[], folder: string) {
  const begin: { child?: ChildProcess } = {};
  const running = orderlab(words, {
    folder,
    onStart: (child) => {
      begin.child = child;
    },
  });
  const { child } = begin;
  invariant(child !== undefined, 'the command is told of as soon as it begins');
  return { child, running };
}

/** `foreignName`: a name that leads to this machine, as who owns a domain can arrange it. */
export function openBrowser(foreignName: string): Promise<Browser> {
  const executablePath = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim();
  return chromium.launch({
    executablePath,
    args: ['--disable-dev-shm-usage', `--host-resolver-rules=MAP ${foreignName} 127.0.0.1`],
  });
}
