/**
 * Bytes ↔ commands and their replies, as they travel on topics. A command says in its properties where its reply goes, as
 * AMQP's reply-to and correlation-id do; a reply says in its own which command attempt it answers.
 */
import { z } from 'zod';
import { ERRORS, type ErrorCode, OrderlabError } from './errors';
import type { CommandReceipt, CommandRequest } from './model/command';
import { EVENT_DATA, PAYLOAD_BYTES_MAX, USER_ID } from './wire';

/** Property of a command: the topic that its reply goes to. */
export const REPLY_TOPIC = 'replyTopic';
/** Property of a command and of its reply: names one attempt of one gateway, so that no reply answers another one. */
export const CORRELATION_ID = 'correlationId';

/** What a handler answers: the receipt, or the error that it refused the command with. */
export type CommandReply =
  | { readonly outcome: 'accepted'; readonly receipt: CommandReceipt }
  | { readonly outcome: 'failed'; readonly code: ErrorCode; readonly details: OrderlabError['details'] };

/** Characters of an idempotency key with its principal, and of a command's name. */
const NAME_LENGTH_MAX = 512;
const name = z.string().min(1).max(NAME_LENGTH_MAX);
const user = z.string().regex(USER_ID);

const commandSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('create'), user, data: EVENT_DATA.UserCreated }),
  z.strictObject({ type: z.literal('rename'), user, data: EVENT_DATA.UserRenamed }),
  z.strictObject({ type: z.literal('change-email'), user, data: EVENT_DATA.UserEmailChanged }),
  z.strictObject({ type: z.literal('credit'), user, data: EVENT_DATA.UserCredited }),
  z.strictObject({ type: z.literal('debit'), user, data: EVENT_DATA.UserDebited }),
  z.strictObject({ type: z.literal('delete'), user, data: EVENT_DATA.UserDeleted }),
]);

const requestSchema = z.strictObject({
  ...{ commandId: name, requestKey: name.nullable() },
  expectedVersion: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  command: commandSchema,
});

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];
const replySchema = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('accepted'),
    receipt: z.strictObject({ user, eventId: name, sequence: z.number().int().min(1), replayed: z.boolean() }),
  }),
  z.strictObject({
    outcome: z.literal('failed'),
    code: z.enum(codes),
    details: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
]);

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeCommand(request: CommandRequest): Uint8Array {
  return encoder.encode(JSON.stringify(request));
}

/** null: no command can be read from the bytes. */
export function decodeCommand(payload: Uint8Array): CommandRequest | null {
  return readAs(requestSchema, payload);
}

export function encodeReply(reply: CommandReply): Uint8Array {
  return encoder.encode(JSON.stringify(reply));
}

/** null: no reply can be read from the bytes. */
export function decodeReply(payload: Uint8Array): CommandReply | null {
  return readAs(replySchema, payload);
}

/** What was thrown, as a reply; null: it is none of the table, and a defect of ours. */
export function failureOf(thrown: unknown): CommandReply | null {
  if (!(thrown instanceof OrderlabError)) return null;
  return { outcome: 'failed', code: thrown.code, details: thrown.details };
}

function readAs<Schema extends z.ZodType>(schema: Schema, payload: Uint8Array): z.output<Schema> | null {
  if (payload.length > PAYLOAD_BYTES_MAX) return null;
  try {
    return schema.safeParse(JSON.parse(decoder.decode(payload))).data ?? null;
  } catch {
    return null;
  }
}
