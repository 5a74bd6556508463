/** Frames of Pulsar's WebSocket API: JSON texts, read through schemas and written by name (pulsar-semantics 7.2, 7.3). */
import { z } from 'zod';

/** A message pushed to a consumer or reader. `key` is absent when unset. */
const pushSchema = z.object({
  messageId: z.string().min(1),
  payload: z.string(),
  properties: z.record(z.string(), z.string()).default({}),
  key: z.string().default(''),
  redeliveryCount: z.number().int().min(0).default(0),
});
export type PushFrame = z.infer<typeof pushSchema>;

/** The answer to one send. `result` decides: errorCode is 0 whatever happened. */
const receiptSchema = z.object({
  result: z.string(),
  messageId: z.string().optional(),
  errorMsg: z.string().optional(),
  context: z.string().optional(),
});
export type ReceiptFrame = z.infer<typeof receiptSchema>;

/** Throws a ZodError or SyntaxError for a text that is no push. */
export function readPush(text: string): PushFrame {
  return pushSchema.parse(JSON.parse(text));
}

/** Throws a ZodError or SyntaxError for a text that is no receipt. */
export function readReceipt(text: string): ReceiptFrame {
  return receiptSchema.parse(JSON.parse(text));
}

export interface SendFrame {
  readonly key: string;
  readonly payload: Uint8Array;
  readonly properties: Readonly<Record<string, string>>;
  /** Comes back in the receipt: many sends are under way at a time. */
  readonly context: string;
}

export function sendFrame({ key, payload, properties, context }: SendFrame): string {
  return JSON.stringify({ payload: Buffer.from(payload).toString('base64'), properties, key, context });
}

export function ackFrame(messageId: string): string {
  return JSON.stringify({ messageId });
}

export function nackFrame(messageId: string): string {
  return JSON.stringify({ type: 'negativeAcknowledge', messageId });
}

/** Pull mode: the broker pushes as many messages as were permitted, and no more. */
export function permitFrame(count: number): string {
  return JSON.stringify({ type: 'permit', permitMessages: count });
}
