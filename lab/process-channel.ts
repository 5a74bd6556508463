/**
 * Process channel: what a supervisor and its consumer processes say to each other.
 *
 * Two ways. Messages (IPC) for what may wait: counts, turns. SIGTERM asks to drain. Questions for what may not: a process that meets a
 * point of the plan stops dead, asks over a pipe with a synchronous write, and reads the answer with a synchronous read.
 * While it waits nothing of it runs, so what the supervisor records then (a crash, a leave) has its exact place.
 */
import { readSync, writeSync } from 'node:fs';
import type { SheetNumbers } from '../shared/adapters/prometheus-sheet';
import type { MeterName } from '../shared/model/metric';
import type { EventRef } from '../shared/model/plan';
import type { ConsumerJob } from './consumer-job';
import type { Encounter } from './fate';

/** File descriptors of the questions and the answers in the consumer process. */
export const QUESTION_FD = 4;
export const ANSWER_FD = 5;

/** Supervisor → consumer. */
export type Order =
  | { readonly type: 'job'; readonly job: ConsumerJob }
  /** Events applied by all consumers together: conditions of the plan are held against it. */
  | { readonly type: 'applied'; readonly count: number }
  /** The turn that question `id` waits for has come. */
  | { readonly type: 'turn'; readonly id: number };

export type Counts = Readonly<Record<MeterName, number>>;

/** Consumer → supervisor. */
export type Notice =
  | { readonly type: 'working' }
  | {
      readonly type: 'counts';
      readonly counts: Counts;
      readonly load: { readonly inHandCount: number; readonly parkedCount: number };
    }
  /** What it has counted since it began, where it is observed. What it counted after the last one dies with it. */
  | { readonly type: 'metrics'; readonly numbers: SheetNumbers }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export type Question =
  /**
   * Carries the counts of its moment: conditions are held against what is true now. acknowledged: what its client last
   * said is, and the broker may not know yet.
   */
  | {
      readonly type: 'meet';
      readonly id: number;
      readonly encounter: Encounter;
      readonly counts: Counts;
      readonly acknowledged: readonly EventRef[];
    }
  /** About to close its connection after a drain. */
  | { readonly type: 'leaves' };

export type ShortAnswer = 'go' | 'wait' | 'fail';

const LINE_FEED = 0x0a;
const PAUSE_MS = 1;

/** Asks and stands still until the answer is there. A question that means death is never answered. */
export function ask(question: Question): ShortAnswer {
  writeSync(QUESTION_FD, `${JSON.stringify(question)}\n`);
  const line: number[] = [];
  const byte = Buffer.alloc(1);
  for (;;) {
    const read = readByte(byte);
    if (read === 'none-yet') standStill(PAUSE_MS);
    else if (read === 'closed') process.exit(1);
    else if (byte[0] === LINE_FEED) return answerOf(Buffer.from(line).toString('utf8'));
    else line.push(byte[0] ?? 0);
  }
}

function readByte(byte: Buffer): 'read' | 'none-yet' | 'closed' {
  try {
    return readSync(ANSWER_FD, byte, 0, 1, null) === 0 ? 'closed' : 'read';
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN') return 'none-yet';
    throw thrown;
  }
}

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function answerOf(text: string): ShortAnswer {
  return text === 'fail' || text === 'wait' ? text : 'go';
}
