/** A served broker in a process of its own, as users have it: what ends that process is seen. */
import { type CommandRun, orderlab } from './orderlab';
import { until } from './until';
import { temporaryFolder } from './virtual-run';

/** The first process may have to build. */
const START_DEADLINE_MS = 100_000;

export interface ServedProcess {
  readonly url: string;
  readonly adminUrl: string;
  /** Ctrl-C. Resolves with what became of it. */
  stop(): Promise<CommandRun>;
}

export async function startServedProcess(words: readonly string[], folder = temporaryFolder()): Promise<ServedProcess> {
  let said = '';
  let interrupt = (): void => {};
  let early: CommandRun | null = null;
  const ended = orderlab(['broker', 'serve', '--port', '0', '--json', ...words], {
    folder,
    onStart: (child) => {
      child.stdout?.on('data', (text: string) => {
        said += text;
      });
      interrupt = () => void child.kill('SIGINT');
    },
  });
  void ended.then((run) => {
    early = run;
  });
  await until('it serves', () => said.includes('\n') || early !== null, START_DEADLINE_MS);
  if (early !== null) throw new Error(`it ended before it served: ${JSON.stringify(early)}`);
  const { url, adminUrl } = JSON.parse(said);
  const stop = (): Promise<CommandRun> => {
    interrupt();
    return ended;
  };
  return { url, adminUrl, stop };
}
