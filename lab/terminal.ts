/** Terminal: where commands print. Reports go to standard output, progress and sentences to standard error. */
import type { CountingMeter } from '../shared/adapters/counting-meter';

export interface Terminal {
  /** One line of a report. */
  readonly print: (line: string) => void;
  /** A sentence beside the report: never part of `--json`. */
  readonly say: (sentence: string) => void;
  /** Progress of anything that takes over two seconds; call the answer to end it. */
  readonly watch: (meter: CountingMeter, total: number | null) => () => void;
}

/** Quicker runs show no progress at all. */
const PROGRESS_AFTER_MS = 2_000;
const TTY_INTERVAL_MS = 200;
/** Without a terminal a line each is kept, so there are few of them. */
const LOG_INTERVAL_MS = 5_000;

export function openTerminal(): Terminal {
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', endWithReader);
  return {
    print: (line) => void process.stdout.write(`${line}\n`),
    say: (sentence) => void process.stderr.write(`${sentence}\n`),
    watch,
  };
}

/** A reader that has seen enough, such as `head`, closes the pipe: that is its right, and no failure of ours. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  throw error;
}

function watch(meter: CountingMeter, total: number | null): () => void {
  const isTerminal = process.stderr.isTTY === true;
  const startedAtMs = Date.now();
  let shown = false;
  const show = (): void => {
    if (Date.now() - startedAtMs < PROGRESS_AFTER_MS) return;
    const { published, applied, absorbed } = meter.counts;
    const of = total === null ? '' : ` of ${total}`;
    const line = `  published ${published}${of}, applied ${applied}, duplicates absorbed ${absorbed}`;
    process.stderr.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    shown = isTerminal;
  };
  const timer = setInterval(show, isTerminal ? TTY_INTERVAL_MS : LOG_INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown) process.stderr.write('\r\u001b[K');
  };
}
