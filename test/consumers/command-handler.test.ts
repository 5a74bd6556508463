/** Commands from a topic: executed once and answered alike, whichever step their handler dies at. */
import { COMMANDS_IN_HAND_COUNT_MAX } from '../../consumers/command-handler';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { InProcessHandler } from '../../lab/in-process-handler';
import { openWorld } from '../../lab/world';
import { CommandGateway } from '../../producers/command-gateway';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { CORRELATION_ID, decodeReply, encodeCommand, REPLY_TOPIC } from '../../shared/command-wire';
import type { CommandRequest, UserCommand } from '../../shared/model/command';
import type { SubscriptionType } from '../../shared/model/subscription';
import type { WriterPoint, WriterSettings } from '../../shared/model/write-side';
import { CAREFUL, creating, crediting } from '../../shared/scenarios/command-rounds';

const DEADLINE_MS = 1_000;

async function openBench(settings: WriterSettings = CAREFUL) {
  const clock = openVirtualClock();
  const place = {
    brokerUrl: 'embedded:',
    storeUrl: 'embedded:',
    adminUrl: null,
    namespace: 'public/x',
    keyPrefix: 'x',
  };
  const world = await openWorld({ ...place, clock, audit: false, journal: null, role: 'owner' });
  const { broker } = world;
  const store = openEmbeddedEventStore(clock);
  for (const topic of ['commands', 'replies-g1']) await broker.createTopic(topic, 0);
  await broker.createSubscription('commands', 'handlers');
  await broker.createSubscription('replies-g1', 'g1');
  const subscribing = { topic: 'replies-g1', subscription: 'g1', consumerName: 'g1', receiverQueueSize: 10 } as const;
  const commands = await broker.createProducer('commands', 'g1');
  const gateway = new CommandGateway({
    ...{ gateway: 'g1', commands, replyTopic: 'replies-g1', clock, replyDeadlineMs: DEADLINE_MS },
    replies: await broker.subscribe({ ...subscribing, type: 'exclusive' }),
  });
  const deaths: string[] = [];
  const join = async (id: string, crashesAt: WriterPoint | null, subscriptionType: SubscriptionType = 'key-shared') => {
    const handler = new InProcessHandler({
      ...{ id, world, commandTopic: 'commands', subscription: 'handlers', subscriptionType, receiverQueueSize: 1 },
      crash: crashesAt && { writer: 0, at: crashesAt, arrival: 1, replaced: false },
      onDeath: (user) => deaths.push(`${id} with a command of ${user}`),
      onBroken: (thrown) => {
        throw thrown;
      },
      writer: {
        ...{ writer: id, settings, store, clock, topic: 'users', direct: null },
        random: seededRandom('1').stream('writer', id),
      },
    });
    await handler.join();
    return handler;
  };
  const replies = async () => {
    const found = [];
    for await (const { payload, properties } of broker.readLog('replies-g1'))
      found.push({ ...decodeReply(payload), to: properties[CORRELATION_ID] });
    return found;
  };
  return { clock, world, broker, store, gateway, commands, deaths, join, replies };
}

function request(commandId: string, command: UserCommand, requestKey: string | null = commandId): CommandRequest {
  return { commandId, requestKey, expectedVersion: null, command };
}

const ACCEPTED = { user: 'ada', sequence: 1 };

describe('a handler that dies', () => {
  it.each([
    ['before:execute', [false]],
    ['before:reply', [true]],
    ['before:ack', [false, true]],
  ] as const)('%s: the command is executed once, and the client hears one answer', async (point, replayed) => {
    const { clock, store, gateway, deaths, join, replies } = await openBench();
    await clock.run(join('w1', point));
    const asked = gateway.submit(request('create-ada', creating('ada')));
    await clock.run(clock.sleep(10));
    expect(deaths).toEqual(['w1 with a command of ada']);
    await clock.run(join('w2', null));
    expect(await clock.run(asked)).toMatchObject({ ...ACCEPTED, replayed: replayed[0] });
    await clock.run(clock.sleep(10));
    expect(await store.readAfter(0, 10)).toHaveLength(1);
    expect(await replies()).toMatchObject(
      replayed.map((isReplayed) => ({
        ...{ outcome: 'accepted', to: 'g1/1' },
        receipt: { ...ACCEPTED, replayed: isReplayed },
      })),
    );
  });

  it('without request records has its credit booked twice', async () => {
    const { clock, store, gateway, join } = await openBench({ ...CAREFUL, recordsRequests: false });
    const first = await clock.run(join('w1', null));
    await clock.run(gateway.submit(request('create-ada', creating('ada'))));
    await clock.run(first.leave());
    await clock.run(join('w2', 'before:reply'));
    const asked = gateway.submit(request('credit-ada', crediting('ada', 5)));
    await clock.run(clock.sleep(10));
    await clock.run(join('w3', null));
    expect(await clock.run(asked)).toMatchObject({ sequence: 3, replayed: false });
    expect((await store.readAfter(0, 10)).map(({ commandId }) => commandId)).toEqual([
      ...['create-ada', 'credit-ada', 'credit-ada'],
    ]);
  });
});

describe('commands of one user', () => {
  const settings: WriterSettings = { ...CAREFUL, guard: 'blind', deliberationMs: 20 };
  const credits = Array.from({ length: 6 }, (_, index) => request(`credit-${index}`, crediting('ada', index)));

  it.each([
    ['key-shared', true],
    ['shared', false],
  ] as const)('over %s rest on the version before them: %s', async (type, isSerial) => {
    const { clock, store, gateway, join } = await openBench(settings);
    for (const id of ['w1', 'w2', 'w3']) await clock.run(join(id, null, type));
    await clock.run(gateway.submit(request('create-ada', creating('ada'))));
    await clock.run(Promise.all(credits.map((credit) => gateway.submit(credit))));
    const log = await store.readAfter(0, 10);
    expect(log).toHaveLength(7);
    expect(log.every(({ event, readVersion }) => event.sequence === readVersion + 1)).toBe(isSerial);
  });

  it('wait for each other, and those of others do not wait for them', async () => {
    const { clock, gateway, join } = await openBench({ ...CAREFUL, deliberationMs: 100 });
    await clock.run(join('w1', null));
    const asked = ['ada', 'bob', 'cid'].map((user) => gateway.submit(request(user, creating(user))));
    await clock.run(Promise.all(asked));
    expect(clock.nowMs()).toBeLessThan(2 * 100);
  });
});

describe('a handler', () => {
  it('that is asked to leave deals with what it has in hand, and leaves the rest to others', async () => {
    const { clock, store, gateway, join } = await openBench({ ...CAREFUL, deliberationMs: 100 });
    const first = await clock.run(join('w1', null));
    const users = Array.from({ length: COMMANDS_IN_HAND_COUNT_MAX + 6 }, (_, index) => `u-${index}`);
    const asked = Promise.all(users.map((user) => gateway.submit(request(user, creating(user)))));
    await clock.run(clock.sleep(10));
    await clock.run(first.leave());
    expect(await store.readAfter(0, 1_000)).toHaveLength(COMMANDS_IN_HAND_COUNT_MAX);
    await clock.run(join('w2', null));
    await clock.run(asked);
    expect(await store.readAfter(0, 1_000)).toHaveLength(users.length);
  });

  it('refuses in its reply, with the code and the facts of the table', async () => {
    const { clock, gateway, join } = await openBench();
    await clock.run(join('w1', null));
    const asked = gateway.submit(request('credit', crediting('nobody', 1)));
    await expect(clock.run(asked)).rejects.toMatchObject({ code: 'USER_NOT_FOUND', details: { user: 'nobody' } });
  });

  it.each([
    ['nothing that can be read', new Uint8Array([1, 2])],
    ['a command of another user than its key', encodeCommand(request('create-bob', creating('bob')))],
  ])('executes %s not at all, and says so', async (_, payload) => {
    const { clock, broker, store, commands, join, replies } = await openBench();
    await clock.run(join('w1', null));
    const properties = { [REPLY_TOPIC]: 'replies-g1', [CORRELATION_ID]: 'g1/9' };
    await clock.run(commands.send({ key: 'ada', payload, properties }));
    await clock.run(clock.sleep(10));
    expect(await replies()).toMatchObject([{ outcome: 'failed', code: 'REQUEST_INVALID', to: 'g1/9' }]);
    expect(await store.readAfter(0, 10)).toEqual([]);
    expect(await broker.stats('commands', 'handlers')).toMatchObject({ backlog: 0 });
  });

  it('writes replies to topics of replies and to no other, whatever a command names', async () => {
    const { clock, broker, store, commands, join } = await openBench();
    await broker.createTopic('users', 0);
    await clock.run(join('w1', null));
    const properties = { [REPLY_TOPIC]: 'users', [CORRELATION_ID]: 'g1/9' };
    await clock.run(commands.send({ key: 'ada', payload: encodeCommand(request('c', creating('ada'))), properties }));
    await clock.run(clock.sleep(10));
    expect(await store.readAfter(0, 10)).toHaveLength(1);
    for await (const entry of broker.readLog('users')) expect(entry).toBeNull();
    expect(await broker.stats('commands', 'handlers')).toMatchObject({ backlog: 0 });
  });
});

describe('a gateway', () => {
  it('tells its client when no reply came in time; the command is executed all the same, and once', async () => {
    const { clock, store, gateway, join } = await openBench();
    const asked = gateway.submit(request('create-ada', creating('ada')));
    await expect(clock.run(asked)).rejects.toMatchObject({ code: 'REPLY_LATE', outcome: 'unknown' });
    expect(clock.nowMs()).toBeGreaterThanOrEqual(DEADLINE_MS);
    const again = gateway.submit(request('create-ada', creating('ada')));
    await clock.run(join('w1', null));
    expect(await clock.run(again)).toMatchObject({ ...ACCEPTED, replayed: true });
    expect(await store.readAfter(0, 10)).toHaveLength(1);
  });

  it('gives each client the reply to its own command', async () => {
    const { clock, gateway, join } = await openBench();
    for (const id of ['w1', 'w2']) await clock.run(join(id, null));
    const users = Array.from({ length: 20 }, (_, index) => `u-${index}`);
    const receipts = await clock.run(Promise.all(users.map((user) => gateway.submit(request(user, creating(user))))));
    expect(receipts.map(({ user }) => user)).toEqual(users);
  });

  it('that closes lets nobody wait', async () => {
    const { clock, gateway } = await openBench();
    const asked = gateway.submit(request('create-ada', creating('ada')));
    await clock.run(clock.sleep(1));
    await clock.run(gateway.close());
    await expect(clock.run(asked)).rejects.toMatchObject({ code: 'REPLY_LATE' });
  });
});
