/** What a service is told on its command line, and in its token file. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { causeText, OrderlabError } from '../shared/errors';
import { NO_TOKENS, readTokens, type Tokens } from './api/bearer-tokens';
import type { ScrapeFlags } from './scrape';

export const SERVICE_PARTS = ['user-service', 'command-api', 'query-api'] as const;
export type ServicePart = (typeof SERVICE_PARTS)[number];

/** Where a service takes part: options of the command line, each with a variable of its own. */
export interface CornerFlags {
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly namespace: string;
  readonly keyPrefix: string;
  readonly topic: string;
}

export interface ServiceFlags extends CornerFlags, ScrapeFlags {
  readonly host: string;
  readonly port: number;
  readonly subscription: string;
  /** Commands travel on it; default: the instance that is asked executes them itself. */
  readonly commandTopic?: string;
  /** Parts of the users, each of which one instance acts for at a time; 0 or absent: any instance acts for any user. */
  readonly shards?: number;
  /** Names the instance among its like; default: host and process. */
  readonly name?: string;
  readonly tokenFile?: string;
  /** Whoever has it may ask: see `makeToken`. */
  readonly freshToken?: string;
  readonly insecureLab?: boolean;
}

export function nameOf({ name }: ServiceFlags): string {
  return name ?? `${hostname().replace(/[^A-Za-z0-9-]/g, '-')}-${process.pid}`;
}

const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'];

/** One that nobody has yet: 192 bits. For a lab whose log only those read who may use it. */
export function makeToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Tokens come from a file, never from a command line. Without any, everybody may do everything: that is only for a host
 * that nobody else reaches, and only where it was asked for. Throws USAGE, FILE_UNREADABLE.
 */
export function tokensOf({
  tokenFile,
  freshToken,
  insecureLab,
  host,
}: Pick<ServiceFlags, 'tokenFile' | 'freshToken' | 'insecureLab' | 'host'>): Tokens {
  if (tokenFile !== undefined) return readTokens(textOf(tokenFile));
  if (freshToken !== undefined) return readTokens(`lab read,write ${freshToken}`);
  if (insecureLab === true && LOOPBACK_HOSTS.includes(host)) return NO_TOKENS;
  const problem =
    insecureLab === true
      ? `--insecure-lab serves everybody without a token, so it needs a loopback --host, got ${host}`
      : 'who may ask? Name the tokens with --token-file FILE, have one made with --fresh-token, or leave them out with --insecure-lab on this machine';
  throw new OrderlabError('USAGE', { problem });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new OrderlabError('FILE_UNREADABLE', { path, cause: causeText(thrown) }, thrown);
  }
}
