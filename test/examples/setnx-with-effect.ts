/** The same with claim and change in one step: there is no moment in between. */
import { Redis } from 'ioredis';
import { Client } from 'pulsar-client';

const APPLY = `
if redis.call('SETNX', KEYS[1], '1') == 1 then redis.call('HINCRBY', KEYS[2], 'balance', ARGV[1]) end`;

async function run(): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:6650' });
  const consumer = await client.subscribe({ topic: 'users', subscription: 'balances', subscriptionType: 'KeyShared' });
  for (;;) {
    const message = await consumer.receive();
    const { id, user, data } = JSON.parse(message.getData().toString());
    await redis.eval(APPLY, 2, `seen:${id}`, `user:${user}`, data.amount ?? 0);
    await consumer.acknowledge(message);
  }
}

void run();
