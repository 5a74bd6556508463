/** Stores on a real Redis for tests: each under a prefix of its own. */
import { openRedisStore, type RedisStore, type RedisStoreOptions } from '../../shared/adapters/redis-store';
import type { EffBody, HistoryBody } from '../../shared/model/history';
import { TEST_PREFIX, withRedis } from './redis-server';

let opened = 0;

export interface TestStore {
  readonly store: RedisStore;
  readonly keyPrefix: string;
  /** What the history received from the journal. */
  readonly journalled: EffBody[];
}

/** Opens an empty store. Whoever asked for it closes it. */
export async function openTestStore(url: string, changes: Partial<RedisStoreOptions> = {}): Promise<TestStore> {
  opened += 1;
  const journalled: EffBody[] = [];
  const keyPrefix = `${TEST_PREFIX}-${opened}`;
  const store = await openRedisStore({
    ...{ url, keyPrefix, connectDeadlineMs: 5_000, commandDeadlineMs: 5_000, audit: true, plantsSentinel: true },
    journal: { record: (body: HistoryBody) => void (body.stream === 'Eff' && journalled.push(body)) },
    ...changes,
  });
  return { store, keyPrefix: changes.keyPrefix ?? keyPrefix, journalled };
}

/** Lets time pass for the keys that expire, without waiting: their times come nearer by as much. */
export async function passMs(url: string, keyPrefix: string, ms: number): Promise<void> {
  await withRedis(url, async (redis) => {
    for (const key of await redis.keys(`${keyPrefix}:k:*`)) {
      const expiresAtMs = await redis.pexpiretime(key);
      if (expiresAtMs >= 0) await redis.pexpireat(key, expiresAtMs - ms);
    }
  });
}
