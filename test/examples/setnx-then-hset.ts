/** Claims the event, then changes the balance. Between the two it may die, and the event counts as done for ever. */
import { Redis } from 'ioredis';
import { Client } from 'pulsar-client';

async function run(): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:6650' });
  const consumer = await client.subscribe({ topic: 'users', subscription: 'balances', subscriptionType: 'KeyShared' });
  for (;;) {
    const message = await consumer.receive();
    const { id, user, data } = JSON.parse(message.getData().toString());
    if ((await redis.setnx(`seen:${id}`, '1')) === 1) await redis.hincrby(`user:${user}`, 'balance', data.amount ?? 0);
    await consumer.acknowledge(message);
  }
}

void run();
