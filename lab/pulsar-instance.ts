/** A standalone that was started: what is written about it in its data folder, and whether it still lives. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { filesIn, STANDALONE_CLASS } from './pulsar-files';

const instanceSchema = z.object({
  pid: z.number().int().min(1),
  brokerPort: z.number().int(),
  httpPort: z.number().int(),
});
export type Instance = z.infer<typeof instanceSchema>;

const POLL_MS = 100;

export function writeInstance(data: string, instance: Instance): void {
  writeFileSync(filesIn(data).instance, `${JSON.stringify(instance)}\n`);
}

export function forgetInstance(data: string): void {
  rmSync(filesIn(data).instance, { force: true });
}

/** Null where none was started, or where it is gone. */
export function readInstance(data: string): Instance | null {
  const { instance: path } = filesIn(data);
  if (!existsSync(path)) return null;
  const parsed = instanceSchema.safeParse(parseJson(readFileSync(path, 'utf8')));
  return parsed.success && lives(parsed.data.pid, data) ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A process id is used again after its process: the command line tells a standalone of this folder from a stranger. */
export function lives(pid: number, data: string): boolean {
  const line = commandLineOf(pid);
  return line.includes(STANDALONE_CLASS) && line.includes(filesIn(data).configuration);
}

function commandLineOf(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

/** True when it has gone within that time. */
export async function goneWithin(pid: number, data: string, ms: number): Promise<boolean> {
  for (const endMs = performance.now() + ms; performance.now() < endMs; await pause(POLL_MS)) {
    if (!lives(pid, data)) return true;
  }
  return !lives(pid, data);
}
