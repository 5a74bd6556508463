/** Traces: recorded streams of user events, one JSON object a line. Their envelope is given when they are played. */
import { z } from 'zod';
import type { UserEvent, UserEventType } from '../shared/model/event';
import { EVENT_DATA, USER_ID } from '../shared/wire';

/** An event before it has an id and a sequence. `at`: its own time, epoch milliseconds; 0 where it has none. */
export type EventDraft = DraftOf<UserEvent>;

type DraftOf<E> = E extends UserEvent
  ? { readonly at: number; readonly user: string; readonly type: E['type']; readonly data: E['data'] }
  : never;

/** A line above this is invalid, in bytes. The longest valid event is far below. */
export const TRACE_LINE_BYTES_MAX = 16 * 1024;

const variant = <T extends UserEventType>(type: T) =>
  z.strictObject({
    at: z.number().min(0),
    user: z.string().regex(USER_ID, 'must match ^[A-Za-z0-9_-]{1,64}$'),
    type: z.literal(type),
    data: EVENT_DATA[type],
  });

const draftSchema = z.discriminatedUnion('type', [
  variant('UserCreated'),
  variant('UserRenamed'),
  variant('UserEmailChanged'),
  variant('UserCredited'),
  variant('UserDebited'),
  variant('UserDeleted'),
]);

/** A draft, or one clause that says why there is none. */
export type DraftResult =
  | { readonly draft: EventDraft; readonly problem: null }
  | { readonly draft: null; readonly problem: string };

/** Reads a line of a trace. Whatever the text is, the answer is a value. */
export function readTraceLine(line: string): DraftResult {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return { draft: null, problem: 'the line is not JSON' };
  }
  return readDraft(raw);
}

/** Reads `{"at", "user", "type", "data"}`, with nothing missing and nothing beside. */
export function readDraft(raw: unknown): DraftResult {
  const parsed = draftSchema.safeParse(raw);
  return parsed.success
    ? { draft: parsed.data, problem: null }
    : { draft: null, problem: parsed.error.issues.map(sentenceOf).join('; ') };
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
