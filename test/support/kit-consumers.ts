/** Consumers for the kit: one receive loop around several ways to work, on a store behind a socket. */
import pulsar = require('../../lab/testing/client/pulsar-client');

import { QUESTIONS } from '../../lab/testing/finding';
import type { KitRun } from '../../lab/testing/testing';
import type { UserEvent } from '../../shared/model/event';
import { LineClient, LineStore } from './line-store';

/** The consumers of a test file share it, as they would share a Redis. */
export const store = new LineStore();

type Message = InstanceType<typeof pulsar.Message>;
interface Work {
  readonly event: UserEvent;
  readonly amount: number;
  readonly lines: LineClient;
  readonly acknowledge: () => Promise<unknown>;
  readonly giveBack: () => void;
}

export const SUBSCRIPTION = {
  topic: 'users',
  subscription: 's',
  subscriptionType: 'KeyShared',
  nAckRedeliverTimeoutMs: 100,
};

/** A receive loop around one way to work. */
export function consumerOf(work: (work: Work) => Promise<unknown>, options: object = {}) {
  return async () => {
    const client = new pulsar.Client({ serviceUrl: 'pulsar://localhost:6650' });
    const consumer = await client.subscribe({ ...SUBSCRIPTION, ...options });
    const lines = new LineClient(store.port);
    const loop = async () => {
      for (;;) {
        const message: Message = await consumer.receive();
        const event = JSON.parse(message.getData().toString()) as UserEvent;
        const amount = amountOf(event);
        const acknowledge = () => consumer.acknowledge(message);
        await work({ event, amount, lines, acknowledge, giveBack: () => consumer.negativeAcknowledge(message) });
      }
    };
    void loop();
  };
}

function amountOf({ type, data }: UserEvent): number {
  return 'amount' in data ? (type === 'UserDebited' ? -data.amount : data.amount) : 0;
}

/** The next sequence only, in one step; what comes too early is given back. */
export const reference = consumerOf(async ({ event: { user, sequence }, amount, lines, acknowledge, giveBack }) => {
  const answer = await lines.ask({ ask: 'add-next', user, sequence, amount });
  if (answer === 'early') giveBack();
  else await acknowledge();
});

export const claimThenAdd = consumerOf(async ({ event: { id, user }, amount, lines, acknowledge }) => {
  if ((await lines.ask({ ask: 'claim', id })) === true) await lines.ask({ ask: 'add', user, amount });
  await acknowledge();
});

export const addOnly = consumerOf(async ({ event: { user }, amount, lines, acknowledge }) => {
  await lines.ask({ ask: 'add', user, amount });
  await acknowledge();
});

export const ackFirst = consumerOf(async ({ event: { user }, amount, lines, acknowledge }) => {
  await acknowledge();
  await lines.ask({ ask: 'add', user, amount });
});

export const effects = {
  read: (user: string) => store.balances.get(user),
  fold: (balance: number | undefined, event: UserEvent) => (balance ?? 0) + amountOf(event),
};

/** Whatever speaks against the consumers, each sentence with the seed that ORDERLAB_SEED replays. */
export function complaints(run: KitRun<UserEvent>): readonly string[] {
  const found = QUESTIONS.flatMap((question) => run.findings(question));
  return found.map(({ sentence }) => `${sentence}; replay: ORDERLAB_SEED=${run.seed}`);
}
