/** Consumer job: what a consumer process is told when it starts. Sent over the process channel, never on a command line. */
import { z } from 'zod';
import { OrderlabError } from '../shared/errors';
import type { Plan } from '../shared/model/plan';
import type { Place } from './world';

export interface ConsumerJob {
  readonly plan: Plan;
  readonly name: string;
  /** `c1#2`: consumer name and life. */
  readonly id: string;
  readonly place: Place;
  readonly topic: string;
  readonly resultTopic: string | null;
  readonly subscription: string;
  /** Whether it counts what passes and tells the supervisor, who shows it. */
  readonly isObserved: boolean;
  /** Where this life writes its history. */
  readonly historyPath: string;
  /** Of the supervisor's clock: histories of several processes are merged by one clock. */
  readonly clockOriginMs: number;
}

const text = z.string().min(1);
const jobSchema = z.strictObject({
  /** The plan was resolved by the sender, which is of the same release; it is data that comes from nowhere else. */
  plan: z.custom<Plan>((value) => typeof value === 'object' && value !== null),
  name: text,
  id: text,
  place: z.strictObject({
    brokerUrl: text,
    storeUrl: text,
    adminUrl: text.nullable(),
    namespace: text,
    keyPrefix: text,
  }),
  topic: text,
  resultTopic: text.nullable(),
  subscription: text,
  isObserved: z.boolean(),
  historyPath: text,
  clockOriginMs: z.number(),
});

/** Throws USAGE for anything that is no job. */
export function readConsumerJob(raw: unknown): ConsumerJob {
  const parsed = jobSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problem = `a consumer process was started with something that is no job: ${parsed.error.issues[0]?.message ?? ''}`;
  throw new OrderlabError('USAGE', { problem });
}
