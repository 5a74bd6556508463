/** Problems: what was thrown → problem+json (RFC 9457) with the code of the error table. */
import type { FastifyError, FastifyReply } from 'fastify';
import { ERRORS, OrderlabError } from '../../shared/errors';
import { API_BODY_BYTES_MAX, ARRIVAL_DEADLINE_MS } from './api-limits';

/** How long a client should wait before it asks again, in seconds; jitter is its own affair. */
const RETRY_AFTER_SECONDS = 1;
/** No answer repeats more than this of what came in. */
const DETAIL_LENGTH_MAX = 300;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly outcome: 'definite' | 'unknown';
  readonly [fact: string]: string | number;
}

export function sendProblem(reply: FastifyReply, thrown: unknown): FastifyReply {
  const problem = problemOf(thrown);
  reply.code(problem.status).type('application/problem+json');
  if (problem.status === 429 || problem.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.code === 'METHOD_NOT_ALLOWED') reply.header('allow', String(problem.allowed));
  return reply.send(JSON.stringify(problem));
}

/** A defect of ours says nothing about itself to a stranger; it stands in the log. */
export function problemOf(thrown: unknown): Problem {
  const known = thrown instanceof OrderlabError ? thrown : knownError(thrown);
  if (known === null) {
    const facts = { type: 'urn:orderlab:INTERNAL', title: 'INTERNAL', status: 500, code: 'INTERNAL' } as const;
    return { ...facts, detail: 'the instance failed; its log says how', outcome: 'unknown' };
  }
  const { code, message, details, outcome } = known;
  const status = ERRORS[code].httpStatus;
  const head = { type: `urn:orderlab:${code}`, title: code, status, code } as const;
  const isPublic = Object.keys(details).every((name) => PUBLIC_FACTS.includes(name));
  const detail = isPublic ? printable(message) : 'the log of the instance says more';
  return { ...publicFacts(details), ...head, detail, outcome };
}

/** Addresses and causes of our own servers are nobody's business; what a client sent or may act on is. */
const PUBLIC_FACTS: readonly string[] = [
  ...['problem', 'user', 'winner', 'owner', 'version', 'attempts', 'limit'],
  ...['allowed', 'scope', 'subject', 'seconds', 'deadlineMs'],
];

function publicFacts(details: OrderlabError['details']): Readonly<Record<string, string | number>> {
  const shown = Object.entries(details).filter(([name]) => PUBLIC_FACTS.includes(name));
  return Object.fromEntries(shown.map(([name, value]) => [name, typeof value === 'string' ? printable(value) : value]));
}

/** Errors of the HTTP library, by their codes. */
function knownError(thrown: unknown): OrderlabError | null {
  const { code, statusCode, message } = thrown as Partial<FastifyError>;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new OrderlabError('BODY_TOO_LARGE', { limit: API_BODY_BYTES_MAX });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new OrderlabError('MEDIA_TYPE_UNSUPPORTED', {});
    case 'FST_UNDER_PRESSURE':
      return new OrderlabError('OVERLOADED', {});
    case 'FST_ERR_HANDLER_TIMEOUT':
      return new OrderlabError('DEADLINE_EXCEEDED', { what: 'the request', deadlineMs: ARRIVAL_DEADLINE_MS });
    default:
      if (typeof statusCode !== 'number' || statusCode >= 500) return null;
      return new OrderlabError('REQUEST_INVALID', { problem: message ?? 'the request cannot be read' });
  }
}

/** Without control characters: an error text ends up in terminals. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, DETAIL_LENGTH_MAX);
}
