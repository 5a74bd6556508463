/**
 * Connection: one socket to one Redis, on which no call waits for ever and none is sent twice.
 *
 * The client's own habit is to send again what was in flight when a connection dropped: one INCR counts twice, and a
 * SETNX whose reply was lost comes back as "already there", which loses an event without any crash (idempotency 1.4).
 * Here a call in flight fails with an unknown outcome at once, and the caller decides.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { causeText, OrderlabError } from '../errors';
import { gatherWrites } from './gathered-writes';
import { isReply, mayPass, redisErrorOf } from './redis-error';
import { type RedisTls, redisTls, tlsAdvice } from './redis-tls';

export interface RedisConnectionOptions {
  /** `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://…` for TLS (redis-tls.ts). */
  readonly url: string;
  /** How long opening may take, the check of the server included. */
  readonly connectDeadlineMs: number;
  /** How long a call may wait for its reply; then it rejects with DEADLINE_EXCEEDED, whose outcome is unknown. */
  readonly commandDeadlineMs: number;
  /** Told of every connection that was lost and stands again; default: nobody. */
  readonly onReconnect?: () => void;
}

/** What every new connection does first, before any call is sent on it. `info`: what the server says of itself (INFO). */
export type Prepare = (redis: Redis, info: string) => Promise<unknown>;

/** Longest pause between two attempts to connect again; there is no last attempt. */
const RECONNECT_PAUSE_MS_MAX = 1_000;
/** A socket that does not close in this time is destroyed. */
const DISCONNECT_DEADLINE_MS = 100;
/** Pause before what may be done twice is asked again. */
const ASK_PAUSE_MS = 20;
/** Keys that one SCAN looks at: it blocks the server while it does. */
const SCAN_PAGE_SIZE = 1_000;
/** PEXPIRETIME, and scripts that may read the clock and then write, come with this version. */
const VERSION_MIN = 7;

/**
 * Connects and checks that the server can hold a read model. Errors: USAGE, STORE_UNREACHABLE, STORE_REFUSED,
 * STORE_UNFIT; the connection is closed then.
 */
export async function connectRedis(options: RedisConnectionOptions, prepare: Prepare): Promise<RedisConnection> {
  const connection = new RedisConnection(options, prepare);
  try {
    await connection.open();
    return connection;
  } catch (thrown) {
    await connection.close();
    throw thrown;
  }
}

export class RedisConnection {
  private readonly redis: Redis;
  /** Without user and password. */
  private readonly shownUrl: string;
  /** What the client said last about its connection. */
  private lastError: Error = new Error('it does not answer');
  private isOpened = false;
  private isPrepared = false;
  private isClosed = false;

  constructor(
    private readonly options: RedisConnectionOptions,
    private readonly prepare: Prepare,
  ) {
    const { address, shownUrl } = addressOf(options.url);
    this.shownUrl = shownUrl;
    this.redis = new Redis({
      ...address,
      lazyConnect: true,
      connectTimeout: options.connectDeadlineMs,
      disconnectTimeout: DISCONNECT_DEADLINE_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      /** 0: what is in flight fails as soon as the connection does, instead of waiting for a reply that never comes. */
      maxRetriesPerRequest: 0,
      /** While opening, the first failure is told to the caller. */
      retryStrategy: (attempt) => (this.isOpened ? Math.min(attempt * 50, RECONNECT_PAUSE_MS_MAX) : null),
    });
    this.redis.on('error', (error: Error) => {
      this.lastError = error;
    });
    this.redis.on('close', () => {
      this.isPrepared = false;
    });
    this.redis.on('ready', () => void this.prepareAgain());
  }

  async open(): Promise<void> {
    const deadline = new Deadline(this.options.connectDeadlineMs, () => this.redis.disconnect());
    try {
      await this.redis.connect();
      this.isOpened = true;
      const info = await this.redis.info();
      const problem = unfitness(info);
      if (problem !== null) throw new OrderlabError('STORE_UNFIT', { url: this.shownUrl, problem });
      await this.prepare(this.redis, info);
      this.isPrepared = true;
    } catch (thrown) {
      throw this.openingError(thrown, deadline.isPassed);
    } finally {
      deadline.clear();
    }
  }

  /**
   * Sends one command and gives its reply. Rejects with PORT_CLOSED, STORE_UNREACHABLE, STORE_REFUSED or
   * STORE_DATA_INVALID when it did not take effect; with STORE_CONNECTION_LOST or DEADLINE_EXCEEDED when nobody knows.
   */
  call<Reply>(what: string, send: (redis: Redis) => Promise<Reply>): Promise<Reply> {
    if (this.isClosed) return Promise.reject(new OrderlabError('PORT_CLOSED', { what: 'the store' }));
    if (!this.isPrepared) return Promise.reject(this.unreachable());
    gatherWrites(this.redis.stream);
    return new Promise((resolve, reject) => {
      const deadline = new Deadline(this.options.commandDeadlineMs, () => reject(this.giveUp(what)));
      send(this.redis).then(
        (reply) => {
          deadline.clear();
          resolve(reply);
        },
        (thrown: unknown) => {
          deadline.clear();
          reject(redisErrorOf(thrown, what, this.shownUrl));
        },
      );
    });
  }

  /**
   * As `call`, for what may be done twice, such as reading: asked again while the connection is coming back, for as long
   * as opening one may take.
   */
  async ask<Reply>(what: string, send: (redis: Redis) => Promise<Reply>): Promise<Reply> {
    const endMs = performance.now() + this.options.connectDeadlineMs;
    for (;;) {
      try {
        return await this.call(what, send);
      } catch (thrown) {
        if (!mayPass(thrown) || performance.now() >= endMs) throw thrown;
        await sleep(ASK_PAUSE_MS);
      }
    }
  }

  /** Keys of that pattern, page by page, each once. It never blocks the server, as KEYS would. */
  async *scan(pattern: string): AsyncGenerator<string[]> {
    const pages = this.pages('a scan of the keys', 1, (redis, cursor) =>
      redis.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_PAGE_SIZE),
    );
    for await (const page of pages) yield page.map(([key]) => key);
  }

  /** Fields of a hash with their values, page by page, each once. */
  scanHash(key: string): AsyncGenerator<(readonly [string, string])[]> {
    return this.pages('a scan of a hash', 2, (redis, cursor) => redis.hscan(key, cursor, 'COUNT', SCAN_PAGE_SIZE));
  }

  /** A scan may give a name twice. `width`: texts of an entry. */
  private async *pages(
    what: string,
    width: 1 | 2,
    send: (redis: Redis, cursor: string) => Promise<[string, string[]]>,
  ): AsyncGenerator<(readonly [string, string])[]> {
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const from = cursor;
      const [next, texts] = await this.ask(what, (redis) => send(redis, from));
      cursor = next;
      const news: (readonly [string, string])[] = [];
      for (let at = 0; at < texts.length; at += width) {
        const name = texts[at] ?? '';
        if (!seen.has(name)) news.push([name, texts[at + 1] ?? '']);
        seen.add(name);
      }
      if (news.length > 0) yield news;
    } while (cursor !== '0');
  }

  /** What is in flight fails with an unknown outcome. Idempotent. */
  async close(): Promise<void> {
    this.isClosed = true;
    /** Between two attempts to connect there is no socket that could close, and the client never says that it ended. */
    const isConnected = ['connecting', 'connect', 'ready'].includes(this.redis.status);
    const ended = new Promise((resolve) => this.redis.once('end', resolve));
    this.redis.disconnect();
    if (isConnected) await ended;
  }

  /** Replies come in order, so behind a call without one nothing moves: the next call gets a fresh connection. */
  private giveUp(what: string): OrderlabError {
    if (this.isPrepared) this.redis.disconnect(true);
    this.isPrepared = false;
    const { commandDeadlineMs: deadlineMs } = this.options;
    this.lastError = new Error(`it did not answer within ${deadlineMs} ms`);
    return new OrderlabError('DEADLINE_EXCEEDED', { what: `${what} at ${this.shownUrl}`, deadlineMs });
  }

  /** Until it is done calls are refused; when it fails the connection is given up, and the next one tries again. */
  private async prepareAgain(): Promise<void> {
    if (!this.isOpened) return;
    const deadline = new Deadline(this.options.commandDeadlineMs, () => this.redis.disconnect(true));
    try {
      await this.prepare(this.redis, await this.redis.info());
      this.isPrepared = true;
      this.options.onReconnect?.();
    } catch (thrown) {
      if (thrown instanceof Error) this.lastError = thrown;
      if (!this.isClosed) this.redis.disconnect(true);
    } finally {
      deadline.clear();
    }
  }

  /** Unless it is a reply, what the client throws here is that it closed; why stands in what it said before. */
  private openingError(thrown: unknown, isLate: boolean): Error {
    if (thrown instanceof OrderlabError) return thrown;
    if (isLate) this.lastError = new Error(`it did not answer within ${this.options.connectDeadlineMs} ms`);
    else if (isReply(thrown)) this.lastError = thrown;
    return isReply(this.lastError) ? redisErrorOf(this.lastError, 'the connection', this.shownUrl) : this.unreachable();
  }

  private unreachable(): OrderlabError {
    return new OrderlabError(
      'STORE_UNREACHABLE',
      { url: this.shownUrl, cause: causeOf(this.lastError) },
      this.lastError,
    );
  }
}

/** A timer with a memory. */
class Deadline {
  isPassed = false;
  private readonly timer: NodeJS.Timeout;

  constructor(ms: number, pass: () => void) {
    this.timer = setTimeout(() => {
      this.isPassed = true;
      pass();
    }, ms);
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}

/** The text of an error; of one that bundles several (one per address of a host name) the first. */
function causeOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const text = causeText(first);
  return text + tlsAdvice(text);
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls?: RedisTls;
}

/** The URL is read here and not by the client, which would take options out of its query. Throws USAGE. */
function addressOf(url: string): { readonly address: Address; readonly shownUrl: string } {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const database = /^\/?(\d*)$/.exec(parsed?.pathname ?? '');
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '' || database === null) {
    const shape = 'redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or rediss://…';
    throw new OrderlabError('USAGE', { problem: `the address of a Redis is ${shape}, got ${withoutSecret(url)}` });
  }
  const { protocol, hostname, port, username, password } = parsed;
  return {
    address: {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 6379),
      db: Number(database[1]),
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: redisTls() } : {}),
    },
    shownUrl: `${protocol}//${hostname}:${port || 6379}${parsed.pathname}`,
  };
}

function withoutSecret(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

/** Why the server cannot hold a read model, by its INFO; null: it can. */
export function unfitness(info: string): string | null {
  const facts = new Map(info.split('\r\n').map((line) => splitOnce(line)));
  const version = facts.get('redis_version') ?? 'an unknown one';
  if (!(Number.parseInt(version, 10) >= VERSION_MIN)) return `it needs version ${VERSION_MIN} or later, got ${version}`;
  const policy = facts.get('maxmemory_policy');
  if (facts.get('maxmemory') === '0' || policy === 'noeviction') return null;
  return `it drops keys when memory is short (maxmemory-policy ${policy}): CONFIG SET maxmemory-policy noeviction`;
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at), line.slice(at + 1)];
}
