/** Writer job: what an instance of the user service is told when a run starts it in a process of its own. */
import { z } from 'zod';
import { OrderlabError } from '../shared/errors';
import type { WriterCrash, WriterSettings } from '../shared/model/write-side';
import type { Place } from './world';

export interface WriterJob {
  /** Names the instance in the history. */
  readonly writer: string;
  readonly settings: WriterSettings;
  readonly crash: WriterCrash | null;
  readonly place: Place;
  readonly seed: string;
  readonly topic: string;
  /** Where it writes what it publishes itself, and the clock that orders it. */
  readonly historyPath: string;
  readonly clockOriginMs: number;
}

const text = z.string().min(1);
const jobSchema = z.strictObject({
  writer: text,
  /** Resolved by the sender, which is of the same release; it is data that comes from nowhere else. */
  settings: z.custom<WriterSettings>((value) => typeof value === 'object' && value !== null),
  crash: z.custom<WriterCrash | null>((value) => typeof value === 'object'),
  place: z.strictObject({
    ...{ brokerUrl: text, storeUrl: text, adminUrl: text.nullable(), namespace: text, keyPrefix: text },
  }),
  seed: text,
  topic: text,
  historyPath: text,
  clockOriginMs: z.number(),
});

/** Throws USAGE for anything that is no job. */
export function readWriterJob(raw: unknown): WriterJob {
  const parsed = jobSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problem = `a writer process was started with something that is no job: ${parsed.error.issues[0]?.message ?? ''}`;
  throw new OrderlabError('USAGE', { problem });
}

/** Writer → run. */
export type WriterNotice =
  | { readonly type: 'listening'; readonly url: string }
  /** About to die at a point of the plan. */
  | { readonly type: 'dies' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
