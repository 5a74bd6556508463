/**
 * The store on a real Redis: each operation one call of one script, on keys of one slot.
 *
 * What it shares with the store inside the process is the specification (shared/simulator/store-operation.ts) and the
 * contract suite; what it adds is that a call may end with nobody knowing whether it took effect.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { StoreAnswer, StoreOperation } from '../model/action';
import type { MarkerBody, QuarantineBody, StateBody } from '../model/history';
import type { Recorder, Store } from '../ports';
import type { ReadModel } from '../write-ports';
import { callOf, replyOf } from './redis-call';
import { connectRedis, type RedisConnection, type RedisConnectionOptions } from './redis-connection';
import { isScriptGone } from './redis-error';
import { IncarnationGuard } from './redis-incarnation';
import { entryOf, type JournalEntry, JournalFollower } from './redis-journal';
import { RedisKeys } from './redis-keys';
import { markerOf, quarantineOf, stateOf } from './redis-record';
import { STORE_SCRIPT } from './redis-script';

export interface RedisStoreOptions extends RedisConnectionOptions {
  /** Begins every key, and keeps runs on one server apart: letters, digits, _ . - and :. */
  readonly keyPrefix: string;
  /** Effects are journalled in the step that makes them. False (--audit off): they leave no trace but their result. */
  readonly audit: boolean;
  /** The history that follows the journal while this store is open (redis-journal.ts); null: nobody follows. */
  readonly journal: Recorder | null;
  /** Writes the sentinel that tells a store from one that lost it. False: for who may leave nothing behind. */
  readonly plantsSentinel: boolean;
}

export interface RedisStore extends Store, ReadModel {
  /** All that the store journalled, user by user, each user's entries in store order. */
  effects(): AsyncIterable<JournalEntry>;
  /**
   * Brings to the history what the journal holds and nobody heard of, since a reply was lost or a caller died; after it
   * nothing is recorded any more. Call it when nothing moves, before the history ends.
   */
  settle(): Promise<void>;
  /** Removes every key under the prefix. */
  erase(): Promise<void>;
}

const SCRIPT_HASH = createHash('sha1').update(STORE_SCRIPT).digest('hex');
/** What a call touches of the user, idempotency key apart, by its subject. */
const KINDS = { none: [], m: ['m'], o: ['o'], q: ['q'] } as const;
const KINDS_JOURNALLED = { none: ['a'], m: ['a', 'm'], o: ['a', 'o'], q: ['a', 'q'] } as const;
/** Journal entries that one LRANGE reads. */
const PAGE_SIZE = 1_000;

/** Errors: as connectRedis, and USAGE for a prefix that is none. */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const keys = new RedisKeys(options.keyPrefix);
  const guard = new IncarnationGuard(keys.sentinel, options.plantsSentinel);
  let store: OpenRedisStore | null = null;
  const connection = await connectRedis(options, async (redis, info) => {
    const [isChanged] = await Promise.all([guard.check(redis, info), loadScript(redis)]);
    if (isChanged) store?.doubt();
  });
  store = new OpenRedisStore(keys, connection, guard, options);
  return store;
}

/**
 * Every connection starts with the script in the server, so that calls take place in the order in which they are made:
 * one that found it missing would be sent again behind those that did not. EVAL with an operation that does nothing
 * needs no right to SCRIPT.
 */
function loadScript(redis: Redis): Promise<unknown> {
  return redis.eval(STORE_SCRIPT, 0, 'load 0');
}

class OpenRedisStore implements RedisStore {
  private readonly follower: JournalFollower | null;
  private readonly isJournalled: boolean;
  private readonly kinds: typeof KINDS | typeof KINDS_JOURNALLED;

  constructor(
    private readonly keys: RedisKeys,
    private readonly connection: RedisConnection,
    private readonly guard: IncarnationGuard,
    { audit, journal }: RedisStoreOptions,
  ) {
    this.isJournalled = audit;
    this.kinds = audit ? KINDS_JOURNALLED : KINDS;
    this.follower = audit && journal !== null ? new JournalFollower(journal, (...range) => this.read(...range)) : null;
  }

  get generation(): number {
    return this.guard.generation;
  }

  /** What is known of the journals may no longer be so. */
  doubt(): void {
    this.follower?.doubt();
  }

  execute(operation: StoreOperation): Promise<StoreAnswer> {
    const { user, kind, eventId, settings, values } = callOf(operation, this.isJournalled);
    const keys = this.keys.touched(this.kinds[kind ?? 'none'], user, eventId);
    const call = [
      keys.length,
      ...keys,
      `${operation.name} ${this.isJournalled ? 1 : 0} ${settings}`,
      ...values,
    ] as const;
    const hear = (raw: unknown): StoreAnswer | Promise<StoreAnswer> => this.hear(user, raw);
    return this.connection.call(operation.name, (redis) =>
      redis.evalsha(SCRIPT_HASH, ...call).then(hear, (thrown: unknown) => {
        if (!isScriptGone(thrown)) throw thrown;
        return redis.eval(STORE_SCRIPT, ...call).then(hear);
      }),
    );
  }

  /** Hears replies in the order in which they come, those that their caller no longer waits for too. */
  private hear(user: string, raw: unknown): StoreAnswer | Promise<StoreAnswer> {
    const { answer, journalLength, entry } = replyOf(raw);
    const reading = this.follower?.hear(user, journalLength, entry) ?? null;
    return reading === null ? answer : reading.then(() => answer);
  }

  async *dump(): AsyncGenerator<StateBody | QuarantineBody | MarkerBody> {
    const users = new Set<string>();
    for await (const page of this.connection.scan(this.keys.pattern('mq'))) {
      const news = new Set(page.map((key) => this.keys.parse(key).user).filter((user) => !users.has(user)));
      for (const user of news) users.add(user);
      for (const bodies of await Promise.all([...news].map((user) => this.recordOf(user)))) yield* bodies;
    }
    for await (const page of this.connection.scan(this.keys.pattern('k'))) {
      for (const body of await Promise.all(page.map((key) => this.markerAt(key)))) if (body !== null) yield body;
    }
  }

  async *effects(): AsyncGenerator<JournalEntry> {
    for await (const page of this.connection.scan(this.keys.pattern('a'))) {
      for (const key of page) {
        const { user } = this.keys.parse(key);
        let from = 0;
        for (let count = PAGE_SIZE; count === PAGE_SIZE; from += count) {
          const texts = await this.read(user, from, from + PAGE_SIZE - 1);
          count = texts.length;
          for (const text of texts) yield entryOf(user, text);
        }
      }
    }
  }

  async settle(): Promise<void> {
    const { follower } = this;
    if (follower === null) return;
    const gone = new Set(follower.users);
    for await (const page of this.connection.scan(this.keys.pattern('a'))) {
      await Promise.all(
        page.map(async (key) => {
          const { user } = this.keys.parse(key);
          gone.delete(user);
          const length = await this.ask('the length of a journal', (redis) => redis.llen(key));
          await follower.hear(user, length, null);
        }),
      );
    }
    for (const user of gone) await follower.hear(user, 0, null);
    follower.seal();
  }

  async erase(): Promise<void> {
    for await (const page of this.connection.scan(this.keys.pattern('maoqk')))
      await this.ask('the removal of keys', (redis) => redis.unlink(page));
    await this.ask('the removal of keys', (redis) => redis.unlink(this.keys.sentinel));
    this.follower?.forget();
  }

  close(): Promise<void> {
    this.follower?.seal();
    return this.connection.close();
  }

  private ask<Reply>(what: string, send: (redis: Redis) => Promise<Reply>): Promise<Reply> {
    return this.connection.ask(what, send);
  }

  private read(user: string, from: number, to: number): Promise<readonly string[]> {
    return this.ask('reading a journal', (redis) => redis.lrange(this.keys.of('a', user), from, to));
  }

  async stateOf(user: string): Promise<StateBody | null> {
    return stateOf(user, await this.ask('reading a model', (redis) => redis.hgetall(this.keys.of('m', user))));
  }

  private async recordOf(user: string): Promise<readonly (StateBody | QuarantineBody)[]> {
    const [model, aside] = await Promise.all([
      this.ask('reading a model', (redis) => redis.hgetall(this.keys.of('m', user))),
      this.ask('reading a quarantine', (redis) => redis.hgetall(this.keys.of('q', user))),
    ]);
    const state = stateOf(user, model);
    return [...(state === null ? [] : [state]), ...quarantineOf(user, aside)];
  }

  /** null: it expired since it was found. */
  private async markerAt(key: string): Promise<MarkerBody | null> {
    const [sequence, expiresAtMs] = await Promise.all([
      this.ask('reading an idempotency key', (redis) => redis.get(key)),
      this.ask('reading when a key expires', (redis) => redis.pexpiretime(key)),
    ]);
    return sequence === null ? null : markerOf(this.keys.parse(key), sequence, expiresAtMs);
  }
}
