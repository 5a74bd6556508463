/** Writer job: what an instance of the user service is told when a run starts it in a process of its own. */
import { z } from 'zod';
import { OrderlabError } from '../shared/errors';
import { SUBSCRIPTION_TYPES, type SubscriptionType } from '../shared/model/subscription';
import type { WriterCrash, WriterSettings } from '../shared/model/write-side';
import type { Place } from './world';

/** Where an instance takes commands from, if not over HTTP. */
export interface HandlerPlace {
  readonly commandTopic: string;
  readonly subscription: string;
  readonly subscriptionType: SubscriptionType;
  readonly receiverQueueSize: number;
}

export interface WriterJob {
  /** Names the instance in the history. */
  readonly writer: string;
  readonly settings: WriterSettings;
  readonly crash: WriterCrash | null;
  /** Commands for which it asks before it appends, and waits for the order to go on. */
  readonly standsAt: readonly string[];
  readonly place: Place;
  readonly seed: string;
  readonly topic: string;
  /** Where it writes what it publishes itself, and the clock that orders it. */
  readonly historyPath: string;
  readonly clockOriginMs: number;
  /** null: over HTTP. Otherwise it joins when it is ordered to. */
  readonly handles: HandlerPlace | null;
}

/** Run → writer that stands. */
export interface StandingOrder {
  readonly type: 'go-on';
  readonly commandId: string;
}

/** Run → handler of a command topic. */
export type HandlerOrder = { readonly type: 'join' } | { readonly type: 'leave' };

const text = z.string().min(1);
const jobSchema = z.strictObject({
  writer: text,
  /** Resolved by the sender, which is of the same release; it is data that comes from nowhere else. */
  settings: z.custom<WriterSettings>((value) => typeof value === 'object' && value !== null),
  crash: z.custom<WriterCrash | null>((value) => typeof value === 'object'),
  standsAt: z.array(text),
  place: z.strictObject({
    ...{ brokerUrl: text, storeUrl: text, adminUrl: text.nullable(), namespace: text, keyPrefix: text },
  }),
  seed: text,
  topic: text,
  historyPath: text,
  clockOriginMs: z.number(),
  handles: z
    .strictObject({
      ...{ commandTopic: text, subscription: text, subscriptionType: z.enum(SUBSCRIPTION_TYPES) },
      receiverQueueSize: z.number().int().min(0),
    })
    .nullable(),
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
  /** A handler of a command topic that waits for its order to join, and one that has joined. */
  | { readonly type: 'ready' }
  | { readonly type: 'joined' }
  /** About to append for a command of `standsAt`. */
  | { readonly type: 'stands'; readonly commandId: string }
  /** About to die at a point of the plan. `user`: whose command it has from a topic; null: it was asked over HTTP. */
  | { readonly type: 'dies'; readonly user: string | null }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
