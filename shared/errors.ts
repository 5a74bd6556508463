/**
 * One table of errors: code → message → HTTP status → exit code → definite or unknown outcome.
 * Codes are never reused; docs/reference.md lists the same table and a test compares the two.
 */

/** definite: it did not happen. unknown: it may have happened, so do the same idempotent call again. */
export type Outcome = 'definite' | 'unknown';

interface ErrorEntry {
  /** `{name}` is replaced by the detail of that name. Says what to do where there is something to do. */
  readonly message: string;
  readonly httpStatus: number;
  /** 64 usage, 3 infrastructure. */
  readonly exitCode: 3 | 64;
  readonly outcome: Outcome;
}

export const ERRORS = {
  USAGE: { message: '{problem}', httpStatus: 400, exitCode: 64, outcome: 'definite' },
  UNKNOWN_NAME: {
    message: 'there is no {kind} named "{name}"; `orderlab list {kinds}` shows them',
    httpStatus: 404,
    exitCode: 64,
    outcome: 'definite',
  },
  UNSUPPORTED_URL: {
    message: 'cannot use {option} {url}: this release speaks {supported}',
    httpStatus: 400,
    exitCode: 64,
    outcome: 'definite',
  },
  FILE_UNREADABLE: { message: 'cannot read {path}: {cause}', httpStatus: 404, exitCode: 3, outcome: 'definite' },
  FILE_UNWRITABLE: { message: 'cannot write {path}: {cause}', httpStatus: 500, exitCode: 3, outcome: 'unknown' },
  TRACE_LINE_INVALID: {
    message: '{path}, line {line}: {problem}. Use --skip-bad-lines to count such lines and go on',
    httpStatus: 400,
    exitCode: 3,
    outcome: 'definite',
  },
  TRACE_TRUNCATED: {
    message: '{path} ends in the middle of its compressed stream: fetch it again',
    httpStatus: 400,
    exitCode: 3,
    outcome: 'definite',
  },
  TRACE_EMPTY: { message: '{path} holds no event', httpStatus: 400, exitCode: 3, outcome: 'definite' },
  HISTORY_LINE_INVALID: {
    message: '{path}, line {line}: {problem}',
    httpStatus: 400,
    exitCode: 3,
    outcome: 'definite',
  },
  HISTORY_WITHOUT_HEADER: {
    message: '{path} has no header record, so there is no claim to judge it against',
    httpStatus: 400,
    exitCode: 3,
    outcome: 'definite',
  },
  MESSAGE_UNREADABLE: {
    message: 'no event can be read from the message: {problem}',
    httpStatus: 422,
    exitCode: 3,
    outcome: 'definite',
  },
  CONSUMER_BUSY: { message: '{problem}', httpStatus: 409, exitCode: 3, outcome: 'definite' },
  PRODUCER_BUSY: { message: '{problem}', httpStatus: 409, exitCode: 3, outcome: 'definite' },
  PRODUCER_FENCED: { message: '{problem}', httpStatus: 409, exitCode: 3, outcome: 'unknown' },
  IN_USE: { message: '{problem}', httpStatus: 412, exitCode: 3, outcome: 'definite' },
  HAND_REFUSED: { message: '{problem}', httpStatus: 409, exitCode: 3, outcome: 'definite' },
  TOPIC_NOT_FOUND: {
    message: 'topic {topic} does not exist: create it first',
    httpStatus: 404,
    exitCode: 3,
    outcome: 'definite',
  },
  SUBSCRIPTION_NOT_FOUND: {
    message: 'subscription {subscription} of {topic} does not exist: create it before the first publish',
    httpStatus: 404,
    exitCode: 3,
    outcome: 'definite',
  },
  PORT_CLOSED: { message: '{what} is closed', httpStatus: 503, exitCode: 3, outcome: 'definite' },
  DEADLINE_EXCEEDED: {
    message: '{what} did not finish within {deadlineMs} ms',
    httpStatus: 504,
    exitCode: 3,
    outcome: 'unknown',
  },
  STORE_UNREACHABLE: {
    message: 'cannot reach Redis at {url}: {cause}. Start one with `redis-server`, or name another with --store',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  STORE_CONNECTION_LOST: {
    message: 'the connection to Redis at {url} broke before the answer to {what} came: it may have taken effect',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'unknown',
  },
  STORE_REFUSED: {
    message: 'Redis at {url} refused {what}: {cause} ({advice})',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  STORE_UNFIT: {
    message: 'Redis at {url} cannot hold a read model: {problem}',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  STORE_UNSEEDED: {
    message: 'the event store may have gone back in time, and is being compared with the topic: ask again',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  STORE_DATA_INVALID: {
    message: 'the store holds what orderlab did not write: {what}: {problem}',
    httpStatus: 500,
    exitCode: 3,
    outcome: 'definite',
  },
  STORE_SERVER_FAILED: {
    message: 'the redis-server of this run did not {action}: {cause}',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'unknown',
  },
  LIMIT_REACHED: {
    message: '{what} reached its limit {limit} = {value}',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  BROKER_UNREACHABLE: {
    message:
      '{what}: the broker at {url} cannot be reached ({cause}). Is it running? `orderlab pulsar start` runs one here',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  BROKER_REFUSED: {
    message: '{what} was refused by the broker at {url}: {cause}',
    httpStatus: 502,
    exitCode: 3,
    outcome: 'definite',
  },
  BROKER_ANSWER_UNREADABLE: {
    message: '{what}: the answer of the broker at {url} is not one of Pulsar 4: {problem}',
    httpStatus: 502,
    exitCode: 3,
    outcome: 'unknown',
  },
  CONNECTION_LOST: {
    message: '{what}: the connection ended before the answer came ({cause})',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'unknown',
  },
  TOOL_MISSING: {
    message: '{tool} is needed to {purpose} and was not found: {remedy}',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  PORT_IN_USE: {
    message: 'port {port} on {host} is in use: end what listens there or name another one with {option}',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  STANDALONE_FAILED: {
    message: 'Pulsar standalone did not {action}: {cause}. Its log is {log}',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'unknown',
  },
  WORLD_UNFIT: {
    message: 'this run cannot take place here: {problem}',
    httpStatus: 400,
    exitCode: 64,
    outcome: 'definite',
  },
  USER_EXISTS: {
    message: 'user {user} exists: {winner} created it',
    httpStatus: 409,
    exitCode: 3,
    outcome: 'definite',
  },
  EMAIL_TAKEN: {
    message: 'the e-mail belongs to another user: {winner}',
    httpStatus: 409,
    exitCode: 3,
    outcome: 'definite',
  },
  USER_NOT_FOUND: { message: 'there is no user {user}', httpStatus: 404, exitCode: 3, outcome: 'definite' },
  USER_DELETED: {
    message: 'user {user} was deleted, and its id is not given again',
    httpStatus: 410,
    exitCode: 3,
    outcome: 'definite',
  },
  VERSION_MISMATCH: {
    message: 'user {user} stands at version {version}: read it, decide again, and send that version',
    httpStatus: 412,
    exitCode: 3,
    outcome: 'definite',
  },
  CONTENDED: {
    message: 'others changed user {user} each of {attempts} times: send the command again',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  REQUEST_KEY_REUSED: {
    message: 'the idempotency key came with another body before: a new request needs a new key',
    httpStatus: 422,
    exitCode: 3,
    outcome: 'definite',
  },
  OUTBOX_FULL: {
    message: 'too many events wait to be published: send the command again later',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  NOT_OWNER: {
    message: '{owner} acts for user {user}, and this instance does not: ask there',
    httpStatus: 421,
    exitCode: 3,
    outcome: 'definite',
  },
  STALE_EPOCH: {
    message: 'this instance no longer acts for user {user}, another one does: nothing was done, ask again',
    httpStatus: 421,
    exitCode: 3,
    outcome: 'definite',
  },
  REQUEST_INVALID: { message: '{problem}', httpStatus: 400, exitCode: 3, outcome: 'definite' },
  REQUEST_KEY_MISSING: {
    message: 'a command needs an Idempotency-Key of 1 to 255 visible characters: the same one when it is sent again',
    httpStatus: 400,
    exitCode: 3,
    outcome: 'definite',
  },
  UNAUTHENTICATED: {
    message: 'this needs `Authorization: Bearer TOKEN` with a token that is known here',
    httpStatus: 401,
    exitCode: 3,
    outcome: 'definite',
  },
  FORBIDDEN: { message: 'the token has no scope {scope}', httpStatus: 403, exitCode: 3, outcome: 'definite' },
  FOREIGN_REQUEST: { message: '{problem}', httpStatus: 403, exitCode: 3, outcome: 'definite' },
  ROUTE_NOT_FOUND: {
    message: 'there is nothing at this path: /openapi.json lists what there is',
    httpStatus: 404,
    exitCode: 3,
    outcome: 'definite',
  },
  METHOD_NOT_ALLOWED: { message: 'this path takes {allowed}', httpStatus: 405, exitCode: 3, outcome: 'definite' },
  BODY_TOO_LARGE: {
    message: 'a body has at most {limit} bytes',
    httpStatus: 413,
    exitCode: 3,
    outcome: 'definite',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    message: 'a body is application/json, and nothing else is read',
    httpStatus: 415,
    exitCode: 3,
    outcome: 'definite',
  },
  RATE_LIMITED: {
    message: 'too many requests of one {subject}: again in {seconds} s',
    httpStatus: 429,
    exitCode: 3,
    outcome: 'definite',
  },
  OVERLOADED: {
    message: 'this instance is behind with its work: send the request again, or to another one',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  WRITER_UNREACHABLE: {
    message: 'the instance {writer} of the user service does not answer: {cause}',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'definite',
  },
  WRITER_LOST: {
    message: 'the instance {writer} of the user service ended before it answered: the command may have been accepted',
    httpStatus: 503,
    exitCode: 3,
    outcome: 'unknown',
  },
  COMMAND_UNKNOWN: {
    message: 'this instance knows nothing of such a command: send it again under its key, and hear what became of it',
    httpStatus: 404,
    exitCode: 3,
    outcome: 'definite',
  },
  REPLY_LATE: {
    message: 'no reply to the command came within {deadlineMs} ms: it may have been accepted',
    httpStatus: 504,
    exitCode: 3,
    outcome: 'unknown',
  },
  READ_BEHIND: {
    message: 'user {user} has not come to version {version} within {deadlineMs} ms: read again',
    httpStatus: 409,
    exitCode: 3,
    outcome: 'definite',
  },
  HANDLER_FAILED: {
    message: 'the handler failed for {user} #{sequence}',
    httpStatus: 500,
    exitCode: 3,
    outcome: 'definite',
  },
  PROCESS_FAILED: {
    message: 'consumer process {id} failed ({code}): {problem}',
    httpStatus: 500,
    exitCode: 3,
    outcome: 'unknown',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the table: the caller's mistake or the world's failure, never our own bug (that is an InvariantError). */
export class OrderlabError extends Error {
  override readonly name = 'OrderlabError';
  readonly code: ErrorCode;
  /** What the message was filled in with: an answer to a program names these on their own. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: ErrorCode, details: Readonly<Record<string, string | number>>, cause?: unknown) {
    super(fillIn(ERRORS[code].message, details), cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  get exitCode(): 3 | 64 {
    return ERRORS[this.code].exitCode;
  }

  get outcome(): Outcome {
    return ERRORS[this.code].outcome;
  }
}

function fillIn(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}

/** Asked at the wrong instance (RFC 9110: 421 Misdirected Request). */
const MISDIRECTED = 421;

/** Whether an answer with this code is one about the command: who had no time, no room, or no right to decide says nothing of it. */
export function isAboutCommand(code: ErrorCode): boolean {
  const { httpStatus } = ERRORS[code];
  return httpStatus < 500 && httpStatus !== MISDIRECTED;
}

export function isErrorCode(code: string | null): code is ErrorCode {
  return code !== null && Object.hasOwn(ERRORS, code);
}

/** The text of whatever was thrown, for the `cause` detail of a message. */
export function causeText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
