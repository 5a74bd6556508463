/** The record is the user's own sequence, beside the balance: it never expires and takes no room. */
import { Redis } from 'ioredis';
import { Client } from 'pulsar-client';

const APPLY = `
if tonumber(ARGV[1]) > tonumber(redis.call('HGET', KEYS[1], 'last') or '0') then
  redis.call('HSET', KEYS[1], 'last', ARGV[1])
  redis.call('HINCRBY', KEYS[1], 'balance', ARGV[2])
end`;

async function run(): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:6650' });
  const consumer = await client.subscribe({ topic: 'users', subscription: 'balances', subscriptionType: 'KeyShared' });
  for (;;) {
    const message = await consumer.receive();
    const { user, sequence, data } = JSON.parse(message.getData().toString());
    await redis.eval(APPLY, 1, `user:${user}`, sequence, data.amount ?? 0);
    await consumer.acknowledge(message);
  }
}

void run();
