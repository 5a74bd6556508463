/** What the API takes and gives, as zod schemas: they check requests, and /openapi.json is printed from them. */
import { z } from 'zod';
import type { CommandType } from '../../shared/model/command';
import { USER_ID } from '../../shared/wire';
import { REQUEST_KEY_LENGTH_MAX } from './api-limits';

/** What no text may hold: it is read in terminals and logs. Written as a text, so that patterns stay such as every language reads. */
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';
const plain = z
  .string()
  .min(1)
  .max(256)
  .regex(new RegExp(`^[^${CONTROLS}]+$`), 'holds no control characters');
const email = z
  .string()
  .max(254)
  .regex(new RegExp(`^[^@\\s${CONTROLS}]+@[^@\\s${CONTROLS}]+$`), 'is an e-mail address');
const amount = z.int().min(0).max(1_000_000_000);

/** The body of each command. Nothing else may stand in it. */
export const COMMAND_BODIES = {
  create: z.strictObject({ name: plain, email }),
  rename: z.strictObject({ name: plain }),
  'change-email': z.strictObject({ email }),
  credit: z.strictObject({ amount }),
  debit: z.strictObject({ amount }),
  delete: z.strictObject({}),
} as const satisfies Readonly<Record<CommandType, z.ZodType>>;

export const COMMAND_MEANINGS: Readonly<Record<CommandType, string>> = {
  create: 'Create the user.',
  rename: 'Give the user another name.',
  'change-email': 'Give the user another e-mail.',
  credit: 'Add an amount to the balance.',
  debit: 'Take an amount from the balance.',
  delete: 'Delete the user. Its id is not given again.',
};

export const userSchema = z.string().regex(USER_ID, 'a user is 1 to 64 letters, digits, _ or -');
export const requestKeySchema = z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${REQUEST_KEY_LENGTH_MAX}}$`));
/** `If-Match: "5"`. */
export const versionTagSchema = z.string().regex(/^"\d{1,15}"$/, 'is a version in quotes, as an ETag gives it');
export const versionSchema = z.string().regex(/^[1-9]\d{0,14}$/, 'is a whole number from 1');
export const preferSchema = z.string().max(100);

/** An accepted command. */
export const receiptSchema = z.strictObject({
  user: z.string(),
  eventId: z.string(),
  sequence: z.int(),
  replayed: z.boolean(),
  status: z.string(),
});

/** What became of a command whose client did not wait. */
export const commandStatusSchema = z.looseObject({ state: z.enum(['pending', 'accepted', 'failed']) });

export const stateSchema = z.strictObject({
  user: z.string(),
  version: z.int(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  balance: z.int(),
  deleted: z.boolean(),
});

export const statusSchema = z.strictObject({
  user: z.string(),
  sequence: z.int(),
  state: z.enum(['visible', 'pending']),
  version: z.int(),
});

/** RFC 9457, with a code that never changes its meaning, and the facts of the case beside the sentence. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  outcome: z.enum(['definite', 'unknown']),
});
