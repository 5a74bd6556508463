/** The command behind a live page, in a process of its own. */
import type { ChildProcess } from 'node:child_process';
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
