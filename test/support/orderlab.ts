/** The command line as users have it: the launcher in a process of its own, without a terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const LAUNCHER = join(__dirname, '..', '..', 'lab', 'orderlab.js');

export interface CommandRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Where relative paths and `runs/` belong. */
  readonly folder: string;
  readonly input?: string;
  /** Beside the environment of the tests. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Given the process, for signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Resolves when the process has ended and said everything. */
export function orderlab(
  words: readonly string[],
  { folder, input, environment, onStart }: CommandOptions,
): Promise<CommandRun> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [LAUNCHER, ...words], { cwd: folder, stdio: 'pipe', env });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  onStart?.(child);
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
