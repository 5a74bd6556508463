/**
 * TLS to a Redis: what `rediss://` is opened with. Files come from the environment, so that no command line names a key.
 *
 * Whoever answers must show a certificate for the host of the address, signed by an authority that is trusted here; there
 * is no way to do without.
 */
import { readFileSync } from 'node:fs';
import { causeText, OrderlabError } from '../errors';

/** Environment variable → what its file holds, in PEM. */
const FILES = {
  /** Authorities that are trusted instead of those of the system: of a server with a certificate of one's own making. */
  ca: 'ORDERLAB_REDIS_CA',
  /** The client's own certificate with its key, where a server asks for one. */
  cert: 'ORDERLAB_REDIS_CERT',
  key: 'ORDERLAB_REDIS_KEY',
} as const;

export interface RedisTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Errors: FILE_UNREADABLE. */
export function redisTls(environment: NodeJS.ProcessEnv = process.env): RedisTls {
  const named = Object.entries(FILES).flatMap(([option, variable]) => {
    const path = environment[variable];
    return path === undefined || path === '' ? [] : [[option, contentOf(path)] as const];
  });
  return Object.fromEntries(named);
}

/** What to do about an error of a connection, behind its text; empty where certificates are not what it is about. */
export function tlsAdvice(text: string): string {
  return /self-signed|unable to (verify|get)/.test(text) ? ` (${FILES.ca} names the authority to trust)` : '';
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw new OrderlabError('FILE_UNREADABLE', { path, cause: causeText(thrown) }, thrown);
  }
}
