/**
 * The event store on a real Redis: each append in one call of one script, with those that are made at the same time.
 *
 * A unique e-mail concerns two users at once, and one call may only touch keys of one slot of a cluster. So the whole
 * write side of one service has one hash tag: it is as atomic on a cluster as on a single server, and one slot is as much
 * as it can use. What more slots cost is docs/write-side.md's subject.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { OrderlabError } from '../errors';
import type { LoggedEvent } from '../model/action';
import type { AcceptedRequest, Append, AppendAnswer, LoggedAppend } from '../model/append';
import { type Authority, GRANT_COUNT_MAX, type Grant, type ShardOwner } from '../model/authority';
import { invariant } from '../model/invariant';
import type { EventRef } from '../model/plan';
import { decodeEvent } from '../wire';
import type { EventStore } from '../write-ports';
import { AppendBatches, isFenced, valuesOf } from './redis-append-batch';
import { APPEND_SCRIPT, SEEDED_FIELD } from './redis-append-script';
import { connectRedis, type RedisConnection, type RedisConnectionOptions } from './redis-connection';
import { isScriptGone } from './redis-error';
import { idOf, RedisKeys, textOf } from './redis-keys';

export interface RedisEventStoreOptions extends RedisConnectionOptions {
  /** Begins every key, as that of the store of read models does; the two may share it. */
  readonly keyPrefix: string;
  /** Nothing is accepted for a shard before the store was seeded in the server's incarnation. Default: false. */
  readonly guardsIncarnation?: boolean;
}

export interface RedisEventStore extends EventStore {
  /** Removes every key of the write side under the prefix. */
  erase(): Promise<void>;
}

const SCRIPT_HASH = createHash('sha1').update(APPEND_SCRIPT).digest('hex');
/** Events that one call reads of a stream: a script blocks the server while it runs. */
const PAGE_SIZE = 1_000;

/** Errors: as connectRedis, and USAGE for a prefix that is none. */
export async function openRedisEventStore(options: RedisEventStoreOptions): Promise<RedisEventStore> {
  const keys = new EventKeys(options.keyPrefix);
  const server = { runId: '' };
  const connection = await connectRedis(options, async (redis, info) => {
    await redis.eval(APPEND_SCRIPT, 0, 'load');
    server.runId = options.guardsIncarnation === true ? runIdIn(info) : '';
  });
  return new OpenRedisEventStore(keys, connection, server);
}

/** `PREFIX:w:{w}:log` and so on: one hash tag, and no user, e-mail or key of a client inside it. */
class EventKeys {
  readonly log: string;
  readonly heads: string;
  readonly places: string;
  readonly emails: string;
  readonly cursors: string;
  readonly owners: string;
  readonly grants: string;
  private readonly base: string;

  constructor(prefix: string) {
    /** Refuses what a pattern would read. */
    void new RedisKeys(prefix);
    this.base = `${prefix}:w:{w}:`;
    this.log = `${this.base}log`;
    this.heads = `${this.base}heads`;
    this.places = `${this.base}places`;
    this.emails = `${this.base}emails`;
    this.cursors = `${this.base}cursors`;
    this.owners = `${this.base}owners`;
    this.grants = `${this.base}grants`;
  }

  request(key: string): string {
    return `${this.base}r:${textOf(key)}`;
  }

  hold(subscriber: string): string {
    return `${this.base}h:${subscriber}`;
  }

  /** The keys of a batch. */
  touched(batch: readonly Append[]): readonly string[] {
    const requests = batch.flatMap(({ request }) => (request === null ? [] : [this.request(request.key)]));
    const owners = batch.some(isFenced) ? [this.owners] : [];
    return [this.log, this.heads, this.places, this.emails, this.cursors, ...requests, ...owners];
  }

  /** Pattern for SCAN: all of the write side. */
  get pattern(): string {
    return `${this.base}*`;
  }
}

class OpenRedisEventStore implements RedisEventStore {
  private readonly batches = new AppendBatches((batch) => this.appendAll(batch));

  constructor(
    private readonly keys: EventKeys,
    private readonly connection: RedisConnection,
    /** `runId`: of the process that answers on the connection; empty: whichever. */
    private readonly server: { readonly runId: string },
  ) {}

  append(asked: Append): Promise<AppendAnswer> {
    return this.batches.add(asked);
  }

  private async appendAll(batch: readonly Append[]): Promise<readonly string[]> {
    const keys = this.keys.touched(batch);
    return textsOf(
      await this.connection.call('append', (redis) => evaluate(redis, keys, valuesOf(batch, this.server.runId))),
    );
  }

  async requestOf(key: string): Promise<AcceptedRequest | null> {
    const record = await this.ask('reading a request', (redis) => redis.get(this.keys.request(key)));
    const [, fingerprint, sequence, eventId] = /^(\S+) (\d+) (.*)$/s.exec(record ?? '') ?? [];
    if (fingerprint === undefined || eventId === undefined) return null;
    return { fingerprint, eventId: idOf(eventId), sequence: Number(sequence) };
  }

  async read(user: string, fromSequence: number, toSequence: number): Promise<readonly LoggedEvent[]> {
    const keys = [this.keys.log, this.keys.heads, this.keys.places];
    const events: LoggedEvent[] = [];
    for (let from = fromSequence; from <= toSequence; from += PAGE_SIZE) {
      const values = ['read', textOf(user), String(from), String(toSequence), String(PAGE_SIZE)];
      const texts = textsOf(await this.ask('reading a stream', (redis) => evaluate(redis, keys, values)));
      events.push(...texts.map((text) => eventIn(text)));
      if (texts.length < PAGE_SIZE) break;
    }
    return events;
  }

  async *heads(): AsyncGenerator<EventRef> {
    for await (const page of this.connection.scanHash(this.keys.heads))
      for (const [user, head] of page) yield { user: idOf(user), sequence: Number.parseInt(head, 10) };
  }

  async readAfter(position: number, countMax: number): Promise<readonly LoggedAppend[]> {
    const entries = await this.ask('reading the log', (redis) =>
      redis.xrange(this.keys.log, `${position + 1}-0`, '+', 'COUNT', countMax),
    );
    return entries.map(([id, [, entry = '']]) => {
      return { position: Number.parseInt(id, 10), event: eventIn(entry).event, ...factsIn(entry) };
    });
  }

  async cursorOf(subscriber: string): Promise<number> {
    return Number((await this.ask('reading a cursor', (redis) => redis.hget(this.keys.cursors, subscriber))) ?? 0);
  }

  async moveCursor(subscriber: string, position: number): Promise<void> {
    const values = ['move', subscriber, String(position)];
    await this.ask('moving a cursor', (redis) => evaluate(redis, [this.keys.cursors, this.keys.log], values));
  }

  async hold(subscriber: string, owner: string, ttlMs: number): Promise<boolean> {
    const values = ['hold', owner, String(ttlMs)];
    const key = this.keys.hold(subscriber);
    const [outcome] = textsOf(await this.ask('holding a subscription', (redis) => evaluate(redis, [key], values)));
    return outcome === 'holds';
  }

  async grantEpoch(shard: string, owner: string): Promise<number> {
    const keys = [this.keys.log, this.keys.owners, this.keys.grants];
    const [epoch] = textsOf(
      await this.ask('granting an epoch', (redis) =>
        evaluate(redis, keys, ['grant', textOf(shard), textOf(owner), String(GRANT_COUNT_MAX), this.server.runId]),
      ),
    );
    if (epoch === 'unseeded') throw new OrderlabError('STORE_UNSEEDED', {});
    return Number(epoch);
  }

  async ownerOf(shard: string): Promise<ShardOwner | null> {
    const [stored, seededIn] = await this.ask('reading an owner', (redis) =>
      redis.hmget(this.keys.owners, textOf(shard), SEEDED_FIELD),
    );
    const { runId } = this.server;
    if (runId !== '' && seededIn !== runId) return null;
    const [, epoch, owner] = /^(\d+) (.*)$/s.exec(stored ?? '') ?? [];
    return owner === undefined ? null : { epoch: Number(epoch), owner: idOf(owner) };
  }

  async grants(): Promise<readonly Grant[]> {
    const stored = await this.ask('reading the grants', (redis) => redis.lrange(this.keys.grants, 0, -1));
    return stored.map((text) => {
      const [epoch, after, shard, owner] = listIn(text, 4);
      return { shard: String(shard), epoch: Number(epoch), owner: String(owner), after: Number(after) };
    });
  }

  async unseeded(): Promise<string | null> {
    const seededIn = await this.ask('reading the incarnation', (redis) => redis.hget(this.keys.owners, SEEDED_FIELD));
    const { runId } = this.server;
    return runId === '' || seededIn === runId ? null : runId;
  }

  async markSeeded(incarnation: string): Promise<void> {
    await this.ask('marking the incarnation', (redis) => redis.hset(this.keys.owners, SEEDED_FIELD, incarnation));
  }

  async erase(): Promise<void> {
    for await (const page of this.connection.scan(this.keys.pattern))
      await this.ask('the removal of keys', (redis) => redis.unlink(page));
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private ask<Reply>(what: string, send: (redis: Redis) => Promise<Reply>): Promise<Reply> {
    return this.connection.ask(what, send);
  }
}

/** A server that lost the script gets it again; nothing has happened then, so the call is made once. */
async function evaluate(redis: Redis, keys: readonly string[], values: readonly string[]): Promise<unknown> {
  const call = [keys.length, ...keys, ...values] as const;
  try {
    return await redis.evalsha(SCRIPT_HASH, ...call);
  } catch (thrown) {
    if (!isScriptGone(thrown)) throw thrown;
    return redis.eval(APPEND_SCRIPT, ...call);
  }
}

/** Of the process that answers: another one after a restart or a failover. Throws where a server does not say. */
function runIdIn(info: string): string {
  const runId = /^run_id:(\S+)/m.exec(info)?.[1];
  invariant(runId !== undefined, 'a server names its run');
  return runId;
}

function textsOf(reply: unknown): readonly string[] {
  invariant(Array.isArray(reply), 'the script replies with a list');
  return reply.map(String);
}

/** An entry is the event's text, the line's end, and the facts. */
function eventIn(entry: string): LoggedEvent {
  const text = entry.slice(0, entry.indexOf('\n'));
  const { event, digest, reason } = decodeEvent(new TextEncoder().encode(text));
  if (event !== null) return { event, digest };
  throw new OrderlabError('STORE_DATA_INVALID', { what: 'an entry of the log', problem: reason });
}

type Facts = Pick<LoggedAppend, 'readVersion' | 'commandId' | 'writer' | 'authority'>;

function factsIn(entry: string): Facts {
  const [readVersion, commandId, writer, shard, epoch] = listIn(entry.slice(entry.indexOf('\n') + 1), 3, 5);
  const authority: Authority | null = typeof shard === 'string' ? { shard, epoch: Number(epoch) } : null;
  const facts = { readVersion: Number(readVersion), commandId: String(commandId), writer: String(writer) };
  return authority === null ? facts : { ...facts, authority };
}

/** A list of JSON that is one of these lengths. */
function listIn(text: string, ...lengths: readonly number[]): readonly unknown[] {
  const list: unknown = JSON.parse(text);
  invariant(Array.isArray(list) && lengths.includes(list.length), 'what the script wrote is a list of its length');
  return list;
}
