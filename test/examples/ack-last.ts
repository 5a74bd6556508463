/** Works, then acknowledges; what comes again is told by its sequence. */
import { Redis } from 'ioredis';
import { Client, type Consumer, type Message } from 'pulsar-client';

const APPLY = `
if tonumber(ARGV[1]) > tonumber(redis.call('HGET', KEYS[1], 'last') or '0') then
  redis.call('HSET', KEYS[1], 'last', ARGV[1])
  redis.call('HINCRBY', KEYS[1], 'balance', ARGV[2])
end`;

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:6650' });

async function handle(message: Message, consumer: Consumer): Promise<void> {
  const { user, sequence, data } = JSON.parse(message.getData().toString());
  await redis.eval(APPLY, 1, `user:${user}`, sequence, data.amount ?? 0);
  await consumer.acknowledge(message);
}

void client.subscribe({ topic: 'users', subscription: 'balances', subscriptionType: 'KeyShared', listener: handle });
