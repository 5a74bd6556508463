/** One request to Pulsar's admin REST API: a deadline, the accepted statuses, and a sentence for everything else. */
import type { z } from 'zod';
import { causeText, OrderlabError } from '../errors';
import { errorSchema } from './pulsar-admin-answer';

export interface AdminEndpoint {
  /** `http://host:8080`, without a slash at the end. */
  readonly url: string;
  /** Sent as a bearer token; null: none. Never part of a URL, which is what logs show. */
  readonly token: string | null;
  readonly deadlineMs: number;
}

export interface AdminRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below `/admin/v2`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses besides 200 to 299 that are an answer and no failure. */
  readonly accepts?: readonly number[];
  /** What is attempted, for the sentence of an error: `create topic t`. */
  readonly what: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
}

/** Rejects with BROKER_UNREACHABLE, DEADLINE_EXCEEDED or BROKER_REFUSED. */
export async function request(endpoint: AdminEndpoint, asked: AdminRequest): Promise<AdminAnswer> {
  const { status, text } = await exchange(endpoint, asked);
  const isAccepted = (status >= 200 && status <= 299) || asked.accepts?.includes(status) === true;
  if (isAccepted) return { status, text };
  const cause = `HTTP ${status}, ${reasonOf(text)}${status === 401 || status === 403 ? ': check the token' : ''}`;
  throw new OrderlabError('BROKER_REFUSED', { what: asked.what, url: endpoint.url, cause });
}

async function exchange(endpoint: AdminEndpoint, { method, path, body, what }: AdminRequest): Promise<AdminAnswer> {
  const { url, token, deadlineMs } = endpoint;
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const payload = body === undefined ? null : JSON.stringify(body);
  try {
    const signal = AbortSignal.timeout(deadlineMs);
    const response = await fetch(`${url}/admin/v2${path}`, { method, headers, body: payload, signal });
    return { status: response.status, text: await response.text() };
  } catch (thrown) {
    if (memberOf(thrown, 'name') === 'TimeoutError') {
      throw new OrderlabError('DEADLINE_EXCEEDED', { what: `${what} at ${url}`, deadlineMs }, thrown);
    }
    throw new OrderlabError('BROKER_UNREACHABLE', { what, url, cause: networkCause(thrown) }, thrown);
  }
}

/** fetch says no more than "fetch failed"; the reason is its cause. */
function networkCause(thrown: unknown): string {
  const cause = memberOf(thrown, 'cause') ?? thrown;
  const code = memberOf(cause, 'code');
  return typeof code === 'string' ? code : causeText(cause);
}

/** By shape, not by class: what fetch throws may come from another realm than this code. */
function memberOf(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;
}

function reasonOf(text: string): string {
  try {
    return errorSchema.parse(JSON.parse(text)).reason;
  } catch {
    return text.slice(0, 200).trim() || 'no reason given';
  }
}

/** The answer's JSON through its schema. Throws BROKER_ANSWER_UNREADABLE. */
export function readAnswer<T>(endpoint: AdminEndpoint, what: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (thrown) {
    const details = { what, url: endpoint.url, problem: causeText(thrown) };
    throw new OrderlabError('BROKER_ANSWER_UNREADABLE', details, thrown);
  }
}
