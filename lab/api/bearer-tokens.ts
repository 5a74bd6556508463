/** Bearer tokens: who may ask for what. Known by their hashes, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { OrderlabError } from '../../shared/errors';

export const SCOPES = ['read', 'write'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks. Requests and limits are kept apart by it. */
export interface Principal {
  /** `^[a-z0-9-]{1,32}$`: it stands in front of idempotency keys. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface Tokens {
  /** null: the token is nobody's. */
  principalOf(authorization: string | undefined): Principal | null;
}

/** Shorter ones can be guessed. */
const TOKEN_LENGTH_MIN = 24;
const TOKEN_LENGTH_MAX = 512;

/** Everybody is `lab` and may do everything. Only for a host that nobody else reaches. */
export const NO_TOKENS: Tokens = { principalOf: () => ({ name: 'lab', scopes: SCOPES }) };

/**
 * One token a line: `NAME SCOPE[,SCOPE] TOKEN`; empty lines and those that begin with # are left out. Throws USAGE, and
 * never with a token in it.
 */
export function readTokens(text: string): Tokens {
  const entries = text.split('\n').flatMap((line, index) => {
    const words = line.trim();
    return words === '' || words.startsWith('#') ? [] : [entryOf(words, index + 1)];
  });
  if (entries.length === 0) throw usage('the token file names nobody');
  return {
    principalOf(authorization) {
      const [, token] = /^Bearer ([\x21-\x7e]{1,512})$/.exec(authorization ?? '') ?? [];
      if (token === undefined) return null;
      const given = hashOf(token);
      /** All are compared, so that the time taken tells nothing about the place of the match. */
      const matches = entries.filter(({ hash }) => timingSafeEqual(hash, given));
      return matches[0]?.principal ?? null;
    },
  };
}

interface Entry {
  readonly principal: Principal;
  readonly hash: Buffer;
}

function entryOf(line: string, number: number): Entry {
  const [name = '', scopes = '', token = '', ...rest] = line.split(/\s+/);
  const named = scopes.split(',');
  const known = SCOPES.filter((scope) => named.includes(scope));
  if (!/^[a-z0-9-]{1,32}$/.test(name) || known.length !== named.length || rest.length > 0)
    throw usage(`line ${number} of the token file is not NAME read,write TOKEN`);
  if (token.length < TOKEN_LENGTH_MIN || token.length > TOKEN_LENGTH_MAX)
    throw usage(
      `the token of line ${number} has ${token.length} characters, and needs ${TOKEN_LENGTH_MIN} to ${TOKEN_LENGTH_MAX}`,
    );
  return { principal: { name, scopes: known }, hash: hashOf(token) };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function usage(problem: string): OrderlabError {
  return new OrderlabError('USAGE', { problem });
}
