/** Trace source: the name of a bundled trace, or a file's path, to its drafts. */
import { join } from 'node:path';
import { openTraceFile, type TraceFile } from '../shared/adapters/trace-file';
import { installation } from './installation';

/** Recorded streams of two open-source projects, shipped with the lab (lab/traces/README.md). */
export const BUNDLED_TRACES = ['etcd', 'fastify'] as const;

/** `-` is standard input; a bundled name wins over a file of the same name. */
export function openTrace(trace: string, skipBadLines: boolean): TraceFile {
  const bundled = BUNDLED_TRACES.some((name) => name === trace);
  const path = bundled ? join(installation.root, 'lab', 'traces', `${trace}.jsonl.gz`) : trace;
  return openTraceFile({ path, skipBadLines });
}

/** Events in the trace, by reading it once; null for standard input, which can be read only once. */
export async function countTrace(trace: string, skipBadLines: boolean): Promise<number | null> {
  if (trace === '-') return null;
  let count = 0;
  for await (const _ of openTrace(trace, skipBadLines)) count += 1;
  return count;
}
