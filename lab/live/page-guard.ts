/**
 * Page guard: who may ask the live page for what.
 *
 * The page is for the person at this machine. Others on the network do not reach loopback; the counterexample is a
 * foreign site open in the same browser. It may send requests here, and by a name of its own that it lets point to
 * 127.0.0.1 (DNS rebinding) read the answers as well: so the Host must be ours. What changes something must come
 * from our own page besides: its origin, and the token that only who could read the page knows.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { OrderlabError } from '../../shared/errors';

const OWN_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
const TOKEN_BYTES = 24;
const HTTP_PORT = '80';

/** No asset from elsewhere, no inline script, in no frame, and nobody told where the reader came from. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export class PageGuard {
  /** Stands in the page, and comes back with every command. */
  readonly token = randomBytes(TOKEN_BYTES).toString('base64url');

  /** `port`: where the page is served. Throws FOREIGN_REQUEST, UNAUTHENTICATED. */
  admit({ method, headers }: FastifyRequest, port: number): void {
    const { host = '', origin, authorization = '' } = headers;
    if (!isOwn(`http://${host}`, port)) throw foreign('the Host of the request is not an address of this page');
    if (method === 'GET' || method === 'HEAD') return;
    if (origin !== `http://${host}`) throw foreign('what changes something comes from the page itself');
    if (!timingSafeEqual(hashOf(authorization), hashOf(`Bearer ${this.token}`)))
      throw new OrderlabError('UNAUTHENTICATED', {});
  }
}

function isOwn(address: string, port: number): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname, port: given, pathname, username } = new URL(address);
  const isPlain = pathname === '/' && username === '';
  return isPlain && OWN_NAMES.includes(hostname) && (given || HTTP_PORT) === String(port);
}

function foreign(problem: string): OrderlabError {
  return new OrderlabError('FOREIGN_REQUEST', { problem });
}

/** Of equal length, whatever was sent. */
function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
