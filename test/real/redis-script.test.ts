/** The script is the specification: on any record and operation the same answer, journal and data. */
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { RedisKeys, textOf } from '../../shared/adapters/redis-keys';
import type { RedisStore } from '../../shared/adapters/redis-store';
import type { StoreOperation } from '../../shared/model/action';
import { applyOperation, type Touched } from '../../shared/simulator/store-operation';
import { EMPTY_RECORD, type Marker, type UserRecord } from '../../shared/simulator/user-record';
import { openTestStore } from '../support/redis-bench';
import { describeRedis, withRedis } from '../support/redis-server';
import { marker, storeOperation, userRecord } from '../support/store-arbitrary';

const PAIR_COUNT = 2_000;

describeRedis('the script', (server) => {
  it(`does what the specification says, on ${PAIR_COUNT} records and operations of any kind`, async () => {
    const { store, keyPrefix, journalled } = await openTestStore(server().url);
    const keys = new RedisKeys(keyPrefix);
    const pairs = fc.asyncProperty(userRecord, marker, storeOperation, async (record, kept, operation) => {
      const { user, eventId } = addressOf(operation);
      const before: Touched = { record, marker: eventId === null ? null : kept };
      const { answer, journal, ...after } = applyOperation(before, operation, 0);
      await withRedis(server().url, async (redis) => {
        await plant(redis, keys, operation, before);
        journalled.length = 0;
        expect(await store.execute(operation)).toEqual(answer);
        expect(journalled).toEqual(journal);
        expect(await touchedOf(redis, store, keys, { user, eventId })).toEqual(withoutTime(after));
        await store.erase();
      });
    });
    try {
      await fc.assert(pairs, { numRuns: PAIR_COUNT });
    } finally {
      await store.close();
    }
  });
});

interface Address {
  readonly user: string;
  readonly eventId: string | null;
}

function addressOf(operation: StoreOperation): Address {
  if (operation.name === 'apply') return { user: operation.event.user, eventId: operation.event.id };
  return { user: operation.user, eventId: 'eventId' in operation ? operation.eventId : null };
}

/** Writes a record as the script would have left it. */
async function plant(redis: Redis, keys: RedisKeys, operation: StoreOperation, { record, marker: kept }: Touched) {
  const { user, eventId } = addressOf(operation);
  if (eventId !== null && kept !== null) await redis.set(keys.marker(user, eventId), kept.sequence);
  if (record === null) return;
  const { fields, version, lastEventId, chain, open, quarantine } = record;
  await redis.hset(keys.of('m', user), {
    ...{ name: JSON.stringify(fields.name), email: JSON.stringify(fields.email), balance: fields.balance },
    ...{ deleted: String(fields.deleted), sequence: version, lastId: textOf(lastEventId ?? ''), chain },
  });
  if (open.length > 0) await redis.rpush(keys.of('o', user), ...open.map((owner) => JSON.stringify(owner)));
  for (const [index, { messageId, reason }] of quarantine.entries())
    await redis.hset(keys.of('q', user), textOf(messageId), `${index} ${textOf(reason)}`);
}

/** What one operation touches, read back. */
async function touchedOf(
  redis: Redis,
  store: RedisStore,
  keys: RedisKeys,
  { user, eventId }: Address,
): Promise<Touched> {
  let record: UserRecord = EMPTY_RECORD;
  let found: Marker | null = null;
  for await (const body of store.dump()) {
    if (body.type === 'user') {
      const { fields, version, lastEventId, chain } = body;
      record = { ...record, fields, version, lastEventId, chain };
    } else if (body.type === 'quarantined') {
      const { messageId, reason } = body;
      record = { ...record, quarantine: [...record.quarantine, { messageId, reason }] };
    } else {
      expect(body.eventId).toBe(eventId);
      found = { sequence: body.sequence, expiresAtMs: body.expiresAtMs };
    }
  }
  const open = (await redis.lrange(keys.of('o', user), 0, -1)).map((owner) => String(JSON.parse(owner)));
  return withoutTime({ record: { ...record, open }, marker: found });
}

/** Two clocks differ: of a time of expiry only whether there is one. */
function withoutTime({ record, marker: kept }: Touched): Touched {
  return { record, marker: kept && { ...kept, expiresAtMs: kept.expiresAtMs === null ? null : 1 } };
}
