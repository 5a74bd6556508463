/** The bench of authorities: each figure is a row with what was wanted of it. */
import { OrderlabError } from '../shared/errors';
import { topicRows } from './bench-relay';
import { handoverLap } from './handover-lap';
import { spreadOf } from './spread';
import type { Terminal } from './terminal';
import { cornerOf } from './world';

export interface AuthorityBenchOptions {
  readonly storeUrl: string;
  /** Where relays publish and commands travel; null: neither is measured. */
  readonly brokerUrl: string | null;
  readonly callCount: number;
  readonly roundCount: number;
  readonly handoverCount: number;
  readonly holdMs: number;
  readonly json: boolean;
}

/** One figure of the bench. */
export interface BenchRow {
  readonly name: string;
  /** What was measured, for people. */
  readonly said: string;
  /** The same for programs. */
  readonly figures: Readonly<Record<string, number>>;
  readonly holds: boolean;
}

/** Longest time in which nobody acts for a shard, in milliseconds, where the store grants it. */
const GAP_MS_WANTED = 100;

/** Resolves with whether every bar holds. Errors: USAGE without a Redis, and what opening it rejects with. */
export async function benchAuthority(options: AuthorityBenchOptions, terminal: Terminal): Promise<boolean> {
  if (!/^rediss?:/.test(options.storeUrl)) {
    throw new OrderlabError('USAGE', { problem: 'bench authority measures a Redis: --store redis://HOST:PORT' });
  }
  const { brokerUrl } = options;
  const rows: readonly BenchRow[] = [
    await handoverRow(options),
    ...(brokerUrl === null ? [] : await topicRows({ ...options, brokerUrl })),
  ];
  for (const { name, said } of rows) if (!options.json) terminal.print(`${name}: ${said}`);
  const holds = rows.every((row) => row.holds);
  if (options.json) terminal.print(JSON.stringify({ holds, rows }));
  return holds;
}

async function handoverRow({ storeUrl, handoverCount, holdMs }: AuthorityBenchOptions): Promise<BenchRow> {
  const { keyPrefix } = cornerOf(`bench-authority-${process.pid}`);
  const gapsMs = await handoverLap({ storeUrl, keyPrefix, handoverCount, holdMs });
  const { median: p50Ms, max: longestMs } = spreadOf(gapsMs);
  return {
    name: `${handoverCount} handovers by epochs of the store, held for ${holdMs} ms`,
    said: `nobody acted for ${p50Ms.toFixed(1)} ms (p50), ${longestMs.toFixed(1)} ms at the longest (wanted: p50 at most ${GAP_MS_WANTED} ms)`,
    figures: { handoverCount, holdMs, p50Ms, longestMs },
    holds: p50Ms <= GAP_MS_WANTED,
  };
}
