/** Acknowledges, then works: what it has not done when it dies, nobody does. In a listener, as many have it. */
import { Redis } from 'ioredis';
import { Client, type Consumer, type Message } from 'pulsar-client';

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:6650' });

async function handle(message: Message, consumer: Consumer): Promise<void> {
  await consumer.acknowledge(message);
  const { user, data } = JSON.parse(message.getData().toString());
  await redis.hincrby(`user:${user}`, 'balance', data.amount ?? 0);
}

void client.subscribe({ topic: 'users', subscription: 'balances', subscriptionType: 'KeyShared', listener: handle });
