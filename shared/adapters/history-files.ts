/** Histories from disk: the files of a run, checked line by line and merged into the run's order. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { causeText, OrderlabError } from '../errors';
import { HISTORY_FORMAT, type HistoryBody, type HistoryRecord } from '../model/history';

/** A longer line is refused: no record of an event comes near, so the file is no history. In characters. */
export const HISTORY_LINE_LENGTH_MAX = 1024 * 1024;

const CHUNK_BYTES = 256 * 1024;

type Stream = HistoryBody['stream'];
type TypeOf<S extends Stream> = Extract<HistoryBody, { readonly stream: S }>['type'];

/** Every stream with every type of record; the compiler keeps it equal to the model. */
export const TYPES: { readonly [S in Stream]: { readonly [T in TypeOf<S>]: true } } = {
  Run: { header: true, quiescence: true, audit: true, end: true },
  Pub: { invoke: true, return: true },
  Cmd: { invoke: true, return: true },
  App: { entry: true, grant: true },
  Obs: { read: true },
  Log: { entry: true },
  Del: {
    received: true,
    answered: true,
    failed: true,
    parked: true,
    unparked: true,
    quarantined: true,
    'ack-intended': true,
    'ack-confirmed': true,
    'nack-intended': true,
  },
  Eff: { effect: true, begin: true, end: true, rollback: true },
  State: { user: true, quarantined: true },
  Markers: { marker: true },
  Cause: { join: true, leave: true, crash: true },
  Fault: { struck: true, kept: true, ended: true, missed: true },
};

const KINDS: ReadonlySet<string> = new Set(
  Object.entries(TYPES).flatMap(([stream, types]) => Object.keys(types).map((type) => `${stream} ${type}`)),
);

/**
 * The records of one `.jsonl` file, or of all `history/*.jsonl` of a run folder, by `order`; records of equal order
 * come by file name, and those of one file always as they were written. Streaming: memory is a chunk per file.
 * Errors: FILE_UNREADABLE, HISTORY_LINE_INVALID.
 */
export function readHistory(path: string): Iterable<HistoryRecord> {
  return mergeByOrder(historyPaths(path).map(readHistoryFile));
}

function historyPaths(path: string): readonly string[] {
  return attempt(path, () => {
    if (!statSync(path).isDirectory()) return [path];
    const folder = join(path, 'history');
    const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    return names.sort().map((name) => join(folder, name));
  });
}

/**
 * The records of one file. A last line without its end is torn, by a kill in the middle of a write, and is left out,
 * unless it is whole but for the line feed. A torn line elsewhere cannot come from a kill and is an error.
 */
export function* readHistoryFile(path: string): Generator<HistoryRecord> {
  let lineNumber = 0;
  for (const { text, isEnded } of linesOf(path)) {
    lineNumber += 1;
    const raw = parsedOf(text);
    if (raw === undefined && !isEnded) return;
    const problem = problemOf(raw);
    if (problem !== null) throw new OrderlabError('HISTORY_LINE_INVALID', { path, line: lineNumber, problem });
    yield raw as HistoryRecord;
  }
}

/** undefined: not JSON. */
function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What every reader relies on; the rest of a record is taken as its stream and type promise. */
function problemOf(raw: unknown): string | null {
  if (raw === undefined) return 'the line is not JSON';
  if (typeof raw !== 'object' || raw === null) return 'a record is a JSON object';
  const { stream, type, recorder, n, order, format } = raw as Readonly<Record<string, unknown>>;
  if (typeof stream !== 'string' || typeof type !== 'string') return 'stream and type must be strings';
  if (!KINDS.has(`${stream} ${type}`)) return `there is no record of stream ${stream} and type ${type}`;
  if (typeof recorder !== 'string') return 'recorder must be a string';
  if (!Number.isSafeInteger(n) || Number(n) < 1) return 'n must be a whole number from 1';
  if (typeof order !== 'number') return 'order must be a number';
  if (type === 'header' && format !== HISTORY_FORMAT) {
    return `format ${String(format)} cannot be read: this release reads format ${HISTORY_FORMAT}`;
  }
  return null;
}

interface Line {
  readonly text: string;
  /** A line feed follows. */
  readonly isEnded: boolean;
}

function* linesOf(path: string): Generator<Line> {
  let rest = '';
  let lineNumber = 0;
  for (const chunk of chunksOf(path)) {
    const texts = (rest + chunk).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) yield { text, isEnded: true };
    lineNumber += texts.length;
    if (rest.length > HISTORY_LINE_LENGTH_MAX) {
      const problem = `the line is longer than ${HISTORY_LINE_LENGTH_MAX} characters`;
      throw new OrderlabError('HISTORY_LINE_INVALID', { path, line: lineNumber + 1, problem });
    }
  }
  if (rest !== '') yield { text: rest, isEnded: false };
}

function* chunksOf(path: string): Generator<string> {
  const descriptor = attempt(path, () => openSync(path, 'r'));
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const decoder = new StringDecoder('utf8');
    for (let size = 1; size > 0; ) {
      size = attempt(path, () => readSync(descriptor, buffer));
      yield decoder.write(buffer.subarray(0, size));
    }
    yield decoder.end();
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw new OrderlabError('FILE_UNREADABLE', { path, cause: causeText(thrown) }, thrown);
  }
}

interface Head {
  readonly record: HistoryRecord;
  readonly source: number;
  readonly rest: Iterator<HistoryRecord>;
}

/**
 * Merges histories by `order`; ties by place in `sources`. The heads stay sorted, and a source usually keeps the lead
 * for a while, so a step costs little even with many sources.
 */
export function* mergeByOrder(sources: readonly Iterable<HistoryRecord>[]): Generator<HistoryRecord> {
  const heads: Head[] = [];
  try {
    for (const [source, records] of sources.entries()) advance(heads, source, records[Symbol.iterator]());
    for (let head = heads[0]; head !== undefined; head = heads[0]) {
      yield head.record;
      heads.shift();
      advance(heads, head.source, head.rest);
    }
  } finally {
    for (const head of heads) head.rest.return?.();
  }
}

function advance(heads: Head[], source: number, rest: Iterator<HistoryRecord>): void {
  const next = rest.next();
  if (next.done === true) return;
  const head: Head = { record: next.value, source, rest };
  const after = heads.findIndex((other) => comesBefore(head, other));
  heads.splice(after === -1 ? heads.length : after, 0, head);
}

function comesBefore(left: Head, right: Head): boolean {
  if (left.record.order !== right.record.order) return left.record.order < right.record.order;
  return left.source < right.source;
}
