/** Traces from the world: a file, plain or gzip, or standard input. */
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type EventDraft, readTraceLine, TRACE_LINE_BYTES_MAX } from '../../producers/trace';
import { causeText, OrderlabError } from '../errors';

/** A trace that is read as it is iterated, once. */
export interface TraceFile extends AsyncIterable<EventDraft> {
  /** Lines left out so far because no event can be read from them. Always 0 unless bad lines are skipped. */
  readonly badLineCount: number;
}

export interface TraceFileOptions {
  /** `-` is standard input. Compression is told by the content, so it works there too. */
  readonly path: string;
  /** False: the first bad line is an error. True: bad lines are counted. */
  readonly skipBadLines: boolean;
  /** Default: the standard input of the process. */
  readonly standardInput?: Readable;
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const LINE_FEED = 0x0a;
/** What zlib answers when its input ends before its stream does. */
const ENDS_TOO_SOON = 'Z_BUF_ERROR';

/**
 * Opens lazily; every error comes from the iteration: FILE_UNREADABLE, TRACE_TRUNCATED (a gzip stream without its end),
 * TRACE_LINE_INVALID (with the line's number, from 1) and TRACE_EMPTY. Blank lines are no events and no errors. Memory
 * is bounded by the length of a line. Leaving the iteration closes the file.
 */
export function openTraceFile(options: TraceFileOptions): TraceFile {
  return new ReadTrace(options);
}

class ReadTrace implements TraceFile {
  readonly #options: TraceFileOptions;
  badLineCount = 0;

  constructor(options: TraceFileOptions) {
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EventDraft> {
    const { path } = this.#options;
    let lineNumber = 0;
    let eventCount = 0;
    for await (const lines of linesOf(contentOf(this.#options), path)) {
      for (const line of lines) {
        lineNumber += 1;
        const draft = this.#read(line, lineNumber);
        if (draft === null) continue;
        eventCount += 1;
        yield draft;
      }
    }
    if (eventCount === 0) throw new OrderlabError('TRACE_EMPTY', { path });
  }

  #read(line: Buffer, lineNumber: number): EventDraft | null {
    const { path, skipBadLines } = this.#options;
    const text = line.length > TRACE_LINE_BYTES_MAX ? null : line.toString('utf8');
    if (text?.trim() === '') return null;
    const { draft, problem } =
      text === null
        ? { draft: null, problem: `the line is longer than ${TRACE_LINE_BYTES_MAX} bytes` }
        : readTraceLine(text);
    if (draft !== null) return draft;
    if (!skipBadLines) throw new OrderlabError('TRACE_LINE_INVALID', { path, line: lineNumber, problem });
    this.badLineCount += 1;
    return null;
  }
}

function contentOf(options: TraceFileOptions): Readable {
  if (options.path === '-') return options.standardInput ?? process.stdin;
  return createReadStream(options.path);
}

/** Lines without their ends, a chunk's worth at a time. Of a line that is too long, only enough is kept to tell. */
async function* linesOf(source: Readable, path: string): AsyncGenerator<readonly Buffer[]> {
  let rest = Buffer.alloc(0);
  for await (const chunk of inflated(source, path)) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      lines.push(Buffer.concat([rest, chunk.subarray(start, end)]));
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(start)]).subarray(0, TRACE_LINE_BYTES_MAX + 1);
    yield lines;
  }
  if (rest.length > 0) yield [rest];
}

/** The content, decompressed where it is gzip. World errors leave here as errors of the table. */
async function* inflated(source: Readable, path: string): AsyncGenerator<Buffer> {
  try {
    const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
    const head = await headOf(chunks);
    if (head.length < GZIP_MAGIC.length && path.endsWith('.gz')) throw new OrderlabError('TRACE_TRUNCATED', { path });
    const whole = resumed(head, chunks);
    const isGzip = head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC);
    yield* isGzip ? pipeline(Readable.from(whole), createGunzip(), ignoreEnd) : whole;
  } catch (thrown) {
    throw worldError(thrown, path);
  }
}

/** Enough of the content to see whether it is gzip: a pipe may give a single byte at first. */
async function headOf(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < GZIP_MAGIC.length) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* resumed(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

/** Errors of a pipeline come out of its iteration as well, and there they are handled. */
function ignoreEnd(): void {}

function worldError(thrown: unknown, path: string): OrderlabError {
  if (thrown instanceof OrderlabError) return thrown;
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  if (code === ENDS_TOO_SOON) return new OrderlabError('TRACE_TRUNCATED', { path }, thrown);
  return new OrderlabError('FILE_UNREADABLE', { path, cause: causeText(thrown) }, thrown);
}
