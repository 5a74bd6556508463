/**
 * What a command leaves behind on this machine: whoever it started carries a mark in its environment, and whatever it put
 * into the folder for temporary files is still there.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MARK = 'ORDERLAB_TEST_MARK';
const PROCESSES = '/proc';

/** Only Linux shows the environment of other processes. */
export const CAN_SEE_PROCESSES = existsSync(PROCESSES);

export class Leftovers {
  readonly folder = mkdtempSync(join(tmpdir(), 'orderlab-leftovers-'));
  readonly #mark = randomUUID();

  /** For the command: its children inherit it, also those that outlive it. */
  get environment(): Readonly<Record<string, string>> {
    return { [MARK]: this.#mark, TMPDIR: this.folder };
  }

  /** Command lines of those that run on. */
  get processes(): readonly string[] {
    return this.#pids.map(commandLineOf).filter((line) => line !== '');
  }

  /** Of these, the ones that were stopped (SIGSTOP). */
  get standing(): readonly string[] {
    return this.#pids.filter((pid) => / T /.test(textOf(pid, 'stat'))).map(commandLineOf);
  }

  get #pids(): readonly string[] {
    return readdirSync(PROCESSES)
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => textOf(pid, 'environ').includes(`${MARK}=${this.#mark}`));
  }

  get files(): readonly string[] {
    return readdirSync(this.folder);
  }
}

function commandLineOf(pid: string): string {
  return textOf(pid, 'cmdline').replaceAll('\0', ' ');
}

/** Empty: it is gone, or somebody else's. */
function textOf(pid: string, file: string): string {
  try {
    return readFileSync(join(PROCESSES, pid, file), 'utf8');
  } catch {
    return '';
  }
}
