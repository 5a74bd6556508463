/** Looks whether the event was applied, then applies it and remembers it in a MULTI. It looked before the MULTI began. */
import { Redis } from 'ioredis';
import { Client } from 'pulsar-client';

async function run(): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:6650' });
  const consumer = await client.subscribe({ topic: 'users', subscription: 'balances', subscriptionType: 'KeyShared' });
  for (;;) {
    const messages = await consumer.batchReceive();
    for (const message of messages) {
      const { id, user, data } = JSON.parse(message.getData().toString());
      if ((await redis.exists(`seen:${id}`)) === 0) {
        await redis
          .multi()
          .hincrby(`user:${user}`, 'balance', data.amount ?? 0)
          .set(`seen:${id}`, '1')
          .exec();
      }
      await consumer.acknowledge(message);
    }
  }
}

void run();
