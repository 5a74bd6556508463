/**
 * Frames of Pulsar's WebSocket API from the broker's side: what clients send is read, what they get is written. Every
 * answer to a frame that is no frame was measured on 4.2.4, whose reader is lenient: a number where a text belongs is
 * taken as its text, unknown fields are ignored (pulsar-semantics 7.2, 7.3).
 */

/** Codes of `send-error:N`: the frame is no JSON object of that shape; it is one, but its content cannot be sent. */
const NO_FRAME = 3;
const NO_PAYLOAD = 7;
/** The broker would not store it. */
const NOT_STORED = 8;
const PERMITS_MAX = 2 ** 31 - 1;

export interface Send {
  readonly kind: 'send';
  readonly payload: Uint8Array;
  /** Null: none was given, which is not the same as an empty one. */
  readonly key: string | null;
  readonly properties: Readonly<Record<string, string>>;
  /** As it was given, an ISO 8601 text; null: none. */
  readonly eventTime: string | null;
  readonly context: string | null;
}

export interface RefusedSend {
  readonly kind: 'refused';
  readonly code: number;
  readonly problem: string;
  readonly context: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

export function readSend(text: string): Send | RefusedSend {
  const fields = parse(text);
  if (fields instanceof SyntaxError) return refusedSend(NO_FRAME, fields.message, null);
  if (fields === null) return refusedSend(NO_PAYLOAD, 'a send is a JSON object', null);
  if (!isObject(fields)) return refusedSend(NO_FRAME, 'a send is a JSON object', null);
  const context = textOf(fields.context);
  const properties = readProperties(fields.properties);
  if (properties === null) return refusedSend(NO_FRAME, 'properties are texts by name', null);
  const payload = textOf(fields.payload);
  if (payload === null) return refusedSend(NO_PAYLOAD, 'a send has a payload', context);
  if (!isBase64(payload)) return refusedSend(NO_PAYLOAD, 'Invalid Base64 message-payload', context);
  const later = [fields.deliverAt, fields.deliverAfterMs].some((delay) => Number(delay ?? 0) > 0);
  if (later) return refusedSend(NO_PAYLOAD, 'delayed delivery is not served by this broker', context);
  const eventTime = textOf(fields.eventTime);
  if (eventTime !== null && !isTime(eventTime)) {
    return refusedSend(NO_PAYLOAD, `Text '${eventTime}' could not be parsed at index 0`, context);
  }
  const key = textOf(fields.key);
  return { kind: 'send', payload: Buffer.from(payload, 'base64'), key, properties, eventTime, context };
}

function refusedSend(code: number, problem: string, context: string | null): RefusedSend {
  return { kind: 'refused', code, problem, context };
}

/** A consumer's or reader's frame. */
export type Command =
  /** The id as it came, which is base64 but perhaps of nothing that there is. */
  | { readonly kind: 'ack' | 'nack'; readonly messageId: string }
  | { readonly kind: 'permit'; readonly count: number }
  | { readonly kind: 'is-end-of-topic' }
  | { readonly kind: 'unsubscribe' }
  | { readonly kind: 'ignored' }
  /** Closes the connection with 1011. */
  | { readonly kind: 'fatal'; readonly problem: string };

export function readCommand(text: string): Command {
  const fields = parse(text);
  if (fields === null) return { kind: 'fatal', problem: 'a command is a JSON object' };
  if (fields instanceof SyntaxError || !isObject(fields)) return { kind: 'ignored' };
  switch (fields.type) {
    case 'permit':
      return readPermit(fields.permitMessages);
    case 'isEndOfTopic':
      return { kind: 'is-end-of-topic' };
    case 'unsubscribe':
      return { kind: 'unsubscribe' };
    default:
      return readAck(fields.type === 'negativeAcknowledge' ? 'nack' : 'ack', textOf(fields.messageId));
  }
}

/** A command of a type that nobody knows is an acknowledgement. */
function readAck(kind: 'ack' | 'nack', messageId: string | null): Command {
  if (messageId === null) return { kind: 'fatal', problem: 'a command without a messageId' };
  if (!isBase64(messageId)) return { kind: 'fatal', problem: 'Illegal base64 character in messageId' };
  return { kind, messageId };
}

function readPermit(given: unknown): Command {
  const isNumber = typeof given === 'number' || (typeof given === 'string' && /^[+-]?\d+$/.test(given));
  const count = Math.trunc(Number(given));
  return isNumber && Math.abs(count) <= PERMITS_MAX ? { kind: 'permit', count } : { kind: 'ignored' };
}

export function receiptText(messageId: string, context: string | null): string {
  return JSON.stringify({ result: 'ok', messageId, ...shown({ context }), errorCode: 0, schemaVersion: 0 });
}

export function sendErrorText({ code, problem, context }: Omit<RefusedSend, 'kind'>): string {
  const said = { result: `send-error:${code}`, errorMsg: problem, ...shown({ context }) };
  return JSON.stringify({ ...said, errorCode: 0, schemaVersion: 0 });
}

/** The broker has the frame and did not store it. */
export function notStoredText(problem: string, context: string | null): string {
  return sendErrorText({ code: NOT_STORED, problem, context });
}

export interface Push {
  readonly messageId: string;
  readonly payload: Uint8Array;
  readonly properties: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly publishedAtMs: number;
  readonly redeliveryCount: number;
  readonly eventTime: string | null;
  readonly key: string | null;
}

/** `eventTime` and `key` are absent when unset; `properties` is always there. */
export function pushText(push: Push): string {
  const { messageId, payload, properties, publishedAtMs, redeliveryCount, eventTime, key } = push;
  return JSON.stringify({
    messageId,
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64'),
    properties,
    publishTime: new Date(publishedAtMs).toISOString(),
    redeliveryCount,
    ...shown({ eventTime, key }),
  });
}

export function endOfTopicText(): string {
  return JSON.stringify({ endOfTopic: false });
}

function shown(fields: Readonly<Record<string, string | null>>): Readonly<Record<string, string | null>> {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== null));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    return thrown;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function readProperties(value: unknown): Readonly<Record<string, string>> | null {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return null;
  const properties: [string, string][] = [];
  for (const [name, held] of Object.entries(value)) {
    const text = textOf(held);
    if (text === null) return null;
    properties.push([name, text]);
  }
  return Object.fromEntries(properties);
}

/** As Java decodes: padding may be missing, a foreign character or a single one at the end may not be there. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1;
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));
}
