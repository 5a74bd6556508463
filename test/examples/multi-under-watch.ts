/** The same under WATCH: a MULTI whose look is out of date does nothing, and the event is looked at again. */
import { Redis } from 'ioredis';
import { Client } from 'pulsar-client';

async function apply(redis: Redis, id: string, user: string, amount: number): Promise<void> {
  for (;;) {
    await redis.watch(`seen:${id}`);
    if ((await redis.exists(`seen:${id}`)) === 1) break;
    const done = await redis.multi().hincrby(`user:${user}`, 'balance', amount).set(`seen:${id}`, '1').exec();
    if (done !== null) return;
  }
  await redis.unwatch();
}

async function run(): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
  const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:6650' });
  const consumer = await client.subscribe({ topic: 'users', subscription: 'balances', subscriptionType: 'KeyShared' });
  for (;;) {
    const messages = await consumer.batchReceive();
    for (const message of messages) {
      const { id, user, data } = JSON.parse(message.getData().toString());
      await apply(redis, id, user, data.amount ?? 0);
      await consumer.acknowledge(message);
    }
  }
}

void run();
