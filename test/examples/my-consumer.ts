/** A consumer as people write it, done right: Key_Shared, and one atomic step that accepts the user's next event only. */
import { Redis } from 'ioredis';
import { Client } from 'pulsar-client';

/** Accepts exactly the next sequence: what was applied before is skipped, what comes too early is left for later. */
const APPLY = `
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '0')
local sequence = tonumber(ARGV[1])
if sequence <= last then return 'done' end
if sequence > last + 1 then return 'early' end
redis.call('HSET', KEYS[1], 'last', sequence)
redis.call('HINCRBY', KEYS[1], 'balance', ARGV[2])
return 'applied'`;

export async function run(): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  const client = new Client({ serviceUrl: process.env.PULSAR_URL ?? 'pulsar://127.0.0.1:6650' });
  const consumer = await client.subscribe({
    topic: 'users',
    subscription: 'balances',
    subscriptionType: 'KeyShared',
    nAckRedeliverTimeoutMs: 100,
  });
  for (;;) {
    const message = await consumer.receive();
    const { user, sequence, data } = JSON.parse(message.getData().toString());
    const answer = await redis.eval(APPLY, 1, `user:${user}`, sequence, data.amount ?? 0);
    if (answer === 'early') consumer.negativeAcknowledge(message);
    else await consumer.acknowledge(message);
  }
}

void run();
