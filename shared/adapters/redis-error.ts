/** Errors of Redis and its client, mapped once: what was thrown → an entry of the error table. */
import { causeText, type ErrorCode, OrderlabError } from '../errors';
import { InvariantError } from '../model/invariant';

/**
 * Replies that refuse: the command did not run, or the script ended before its first write (redis-script.ts), so nothing
 * has happened. By the reply's first word: what to do.
 */
const REFUSALS: Readonly<Record<string, string>> = {
  OOM: 'it is at maxmemory: raise it or free memory',
  MISCONF: 'it cannot save to disk: see its log',
  READONLY: 'it is a replica: name the primary',
  BUSY: 'a script blocks it: SCRIPT KILL ends one that has not written',
  LOADING: 'it still reads its data from disk: try again',
  NOREPLICAS: 'too few replicas follow it',
  MASTERDOWN: 'it has lost its primary',
  NOAUTH: 'it wants a password: redis://USER:PASSWORD@HOST:PORT',
  WRONGPASS: 'user or password are wrong',
  NOPERM: 'the user lacks a right: it needs EVAL, EVALSHA, INFO, SCAN and the commands of the script on its keys',
  MOVED: 'it belongs to a cluster: this release speaks to single servers',
  CLUSTERDOWN: 'it belongs to a cluster: this release speaks to single servers',
  NOPROTO: 'it speaks another protocol',
};

/** Replies to data that the script did not write. */
const INVALID_DATA = ['WRONGTYPE', 'DATA'];

const PASSING: readonly ErrorCode[] = ['STORE_UNREACHABLE', 'STORE_CONNECTION_LOST', 'DEADLINE_EXCEEDED'];

/** How ioredis words that a command was never written, which is all that it says about it. */
const NEVER_SENT = "Stream isn't writeable";

/** The server has lost the script: it was restarted, failed over, or flushed. */
export function isScriptGone(thrown: unknown): boolean {
  return isReply(thrown) && thrown.message.startsWith('NOSCRIPT');
}

/** The connection failed, and a new one may work. */
export function mayPass(thrown: unknown): boolean {
  return thrown instanceof OrderlabError && PASSING.includes(thrown.code);
}

/** Own errors pass. A reply is definite; a connection that broke leaves the outcome unknown, unless nothing was sent. */
export function redisErrorOf(thrown: unknown, what: string, url: string): OrderlabError | InvariantError {
  if (thrown instanceof OrderlabError || thrown instanceof InvariantError) return thrown;
  const cause = causeText(thrown);
  if (isReply(thrown)) return refusalOf(cause, what, url, thrown);
  if (cause.startsWith(NEVER_SENT))
    return new OrderlabError('STORE_UNREACHABLE', { url, cause: 'not connected' }, thrown);
  return new OrderlabError('STORE_CONNECTION_LOST', { url, what }, thrown);
}

function refusalOf(cause: string, what: string, url: string, thrown: Error): OrderlabError {
  const [code = ''] = cause.split(' ', 1);
  if (INVALID_DATA.includes(code)) return new OrderlabError('STORE_DATA_INVALID', { what, problem: cause }, thrown);
  return new OrderlabError('STORE_REFUSED', { url, what, cause, advice: REFUSALS[code] ?? 'see its log' }, thrown);
}

/** The server said it, so it has not done what it was asked. */
export function isReply(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'ReplyError';
}
