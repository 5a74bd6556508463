/** Frames of Pulsar's WebSocket API: JSON texts, read through schemas and written by name (pulsar-semantics 7.2, 7.3). */
import { z } from 'zod';

/** A message pushed to a consumer or reader. */
export interface PushFrame {
  readonly messageId: string;
  /** Base64. */
  readonly payload: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Empty when unset. */
  readonly key: string;
  readonly redeliveryCount: number;
}

/** The answer to one send. `result` decides: errorCode is 0 whatever happened. */
const receiptSchema = z.object({
  result: z.string(),
  messageId: z.string().optional(),
  errorMsg: z.string().optional(),
  context: z.string().optional(),
});
export type ReceiptFrame = z.infer<typeof receiptSchema>;

/** What the broker may leave out. */
interface RawPush {
  readonly messageId?: unknown;
  readonly payload?: unknown;
  readonly properties?: unknown;
  readonly key?: unknown;
  readonly redeliveryCount?: unknown;
}

/**
 * Throws a SyntaxError or TypeError for a text that is no push. Checked by hand: a schema takes as long as reading the
 * JSON does, for every message.
 */
export function readPush(text: string): PushFrame {
  const raw: unknown = JSON.parse(text);
  if (typeof raw !== 'object' || raw === null) throw new TypeError('it is no object');
  const { messageId, payload, properties = {}, key = '', redeliveryCount = 0 } = raw as RawPush;
  if (typeof messageId !== 'string' || messageId === '') throw new TypeError('it has no message id');
  if (typeof payload !== 'string') throw new TypeError('its payload is no text');
  if (typeof key !== 'string') throw new TypeError('its key is no text');
  if (!isCount(redeliveryCount)) throw new TypeError('its redelivery count is no count');
  if (!areTexts(properties)) throw new TypeError('its properties are no texts');
  return { messageId, payload, properties, key, redeliveryCount };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function areTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
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
