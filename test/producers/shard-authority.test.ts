/** Instances that share the users between them, over one store: who acts, who is refused, and what stands in the log. */
import { shardOf } from '../../producers/shard';
import { ShardAuthority } from '../../producers/shard-authority';
import { UserService } from '../../producers/user-service';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { seededIds, seededRandom } from '../../shared/adapters/seeded-random';
import type { CommandRequest, UserCommand } from '../../shared/model/command';
import type { AuthoritySettings } from '../../shared/model/write-side';
import { creating, crediting } from '../../shared/scenarios/command-rounds';
import { SOLE } from '../../shared/scenarios/single-authority';
import type { EventStore } from '../../shared/write-ports';

const HOLD_MS = 100;
const SETTINGS: AuthoritySettings = {
  shardCount: 1,
  holdMs: HOLD_MS,
  forwards: false,
  checksEpoch: true,
  guardsIncarnation: false,
};

/** A store on a clock that the test moves, and instances over it. */
function open(
  choice: Partial<AuthoritySettings> = {},
  around: (store: EventStore) => Partial<EventStore> = () => ({}),
) {
  let nowMs = 1_000;
  const clock = { nowMs: () => nowMs, sleep: () => Promise.reject(new Error('nobody meets a rival here')) };
  const store = openEmbeddedEventStore(clock);
  const seen: EventStore = { ...store, ...around(store) };
  const instance = (writer: string, reached: () => Promise<void> = async () => {}) => {
    const random = seededRandom('7').stream('writer', writer);
    const service = new UserService({
      ...{ writer, store: seen, clock, random, ids: seededIds(random), settings: SOLE },
      ...{ fingerprint: (text) => text, reached, publish: async () => {} },
    });
    const authority = new ShardAuthority({
      ...{ writer, store: seen, clock, settings: { ...SETTINGS, ...choice } },
      execute: (request, shown) => service.handle(request, shown),
    });
    return (commandId: string, command: UserCommand) => authority.handle(requestOf(commandId, command));
  };
  const log = async () => (await store.readAfter(0, 100)).map(({ event, writer }) => `${writer} #${event.sequence}`);
  const passMs = (ms: number) => {
    nowMs += ms;
  };
  return { store, clock, instance, log, passMs };
}

function requestOf(commandId: string, command: UserCommand): CommandRequest {
  return { commandId, requestKey: commandId, expectedVersion: null, command };
}

/** A writer that stands still before its second append, until it is let go. */
function standing() {
  let goOn = (): void => {};
  const standsStill = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let arrivals = 0;
  let note = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    note = resolve;
  });
  const reached = async () => {
    arrivals += 1;
    /** Before and after the first append, and before the second. */
    if (arrivals !== 3) return;
    note();
    await standsStill;
  };
  return { reached, arrived, goOn };
}

describe('the owner of a shard', () => {
  it('is whoever is asked first, and the others name it', async () => {
    const { instance } = open();
    const [one, other] = [instance('w1.1'), instance('w2.1')];
    expect(await one('c1', creating('ada'))).toMatchObject({ sequence: 1 });
    const refused = { code: 'NOT_OWNER', outcome: 'definite', details: { user: 'ada', owner: 'w1.1' } };
    await expect(other('c2', crediting('ada', 1))).rejects.toMatchObject(refused);
    expect(await one('c2', crediting('ada', 1))).toMatchObject({ sequence: 2 });
  });

  it('handles the commands of a user one after the other, so that numbers need no comparison', async () => {
    const { instance, log } = open();
    const one = instance('w1.1');
    await one('c0', creating('ada'));
    await Promise.all(Array.from({ length: 20 }, (_, index) => one(`c${index + 1}`, crediting('ada', index))));
    expect(await log()).toEqual(Array.from({ length: 21 }, (_, index) => `w1.1 #${index + 1}`));
  });

  it('keeps it for as long as it is asked, and asks the store far less often than that', async () => {
    const hold = jest.fn();
    const { instance, store, passMs } = open({}, (inner) => ({
      hold: (...asked) => {
        hold();
        return inner.hold(...asked);
      },
    }));
    const one = instance('w1.1');
    await one('c0', creating('ada'));
    for (let index = 1; index <= 40; index += 1) {
      passMs(HOLD_MS / 4);
      await one(`c${index}`, crediting('ada', index));
    }
    expect(await store.ownerOf('shard-1')).toEqual({ epoch: 1, owner: 'w1.1' });
    expect(hold.mock.calls.length).toBeLessThanOrEqual(21);
  });

  it('loses it when it was not heard of for as long as a hold lasts', async () => {
    const { instance, store, passMs } = open();
    const [one, other] = [instance('w1.1'), instance('w2.1')];
    await one('c1', creating('ada'));
    passMs(HOLD_MS);
    expect(await other('c2', crediting('ada', 1))).toMatchObject({ sequence: 2 });
    expect(await store.ownerOf('shard-1')).toEqual({ epoch: 2, owner: 'w2.1' });
    await expect(one('c3', crediting('ada', 1))).rejects.toMatchObject({ code: 'NOT_OWNER' });
  });

  it('reads nothing of a user before it was granted the shard: what it read earlier could still change', async () => {
    const calls: string[] = [];
    const { instance } = open({}, (store) => ({
      grantEpoch: (shard, owner) => {
        calls.push('granted');
        return store.grantEpoch(shard, owner);
      },
      read: (...asked) => {
        calls.push('read');
        return store.read(...asked);
      },
    }));
    await instance('w1.1')('c1', creating('ada'));
    expect(calls.slice(0, 2)).toEqual(['granted', 'read']);
  });

  it('is asked for once, however many commands come at once', async () => {
    const { instance, store } = open({ shardCount: 2 });
    const one = instance('w1.1');
    await Promise.all(['ada', 'bob', 'eve', 'joe'].map((user) => one(`create-${user}`, creating(user))));
    expect((await store.grants()).map(({ epoch }) => epoch)).toEqual([1, 1]);
  });
});

describe('an owner that stood still while its shard was taken over', () => {
  it('is refused when it wakes up, and knows then that it is none', async () => {
    const { instance, log, passMs } = open();
    const { reached, arrived, goOn } = standing();
    const [one, other] = [instance('w1.1', reached), instance('w2.1')];
    await one('c1', creating('ada'));
    const late = one('c2', crediting('ada', 1));
    await arrived;
    passMs(HOLD_MS);
    await other('c3', crediting('ada', 2));
    goOn();
    await expect(late).rejects.toMatchObject({ code: 'STALE_EPOCH', outcome: 'definite' });
    await expect(one('c4', crediting('ada', 3))).rejects.toMatchObject({ code: 'NOT_OWNER' });
    expect(await log()).toEqual(['w1.1 #1', 'w2.1 #2']);
  });

  it('may not even refuse: what it would refuse for may be no longer so', async () => {
    const { instance, store } = open();
    const one = instance('w1.1');
    await one('c1', creating('ada'));
    await expect(one('c2', creating('ada'))).rejects.toMatchObject({ code: 'USER_EXISTS' });
    await store.grantEpoch('shard-1', 'w2.1');
    await expect(one('c3', creating('ada'))).rejects.toMatchObject({ code: 'STALE_EPOCH' });
  });

  it('forks the stream where nobody compares epochs', async () => {
    const { instance, log, passMs } = open({ checksEpoch: false });
    const { reached, arrived, goOn } = standing();
    const [one, other] = [instance('w1.1', reached), instance('w2.1')];
    await one('c1', creating('ada'));
    const late = one('c2', crediting('ada', 1));
    await arrived;
    passMs(HOLD_MS);
    await other('c3', crediting('ada', 2));
    goOn();
    expect(await late).toMatchObject({ sequence: 2 });
    expect(await log()).toEqual(['w1.1 #1', 'w2.1 #2', 'w1.1 #2']);
  });
});

describe('an instance that is asked for a shard of another one', () => {
  const forwarding = (forwards: boolean) => {
    const { instance, clock, store } = open();
    const sent: CommandRequest[] = [];
    const owner = instance('w1.1');
    const other = new ShardAuthority({
      ...{ writer: 'w2.1', store, clock, settings: { ...SETTINGS, forwards } },
      execute: () => Promise.reject(new Error('it owns nothing')),
      forward: async (name, request) => {
        expect(name).toBe('w1.1');
        sent.push(request);
        return owner(request.commandId, request.command);
      },
    });
    return { owner, other, sent };
  };

  it('sends the command on where it is told to, and says that it did', async () => {
    const { owner, other, sent } = forwarding(true);
    await owner('c1', creating('ada'));
    expect(await other.handle(requestOf('c2', crediting('ada', 1)))).toMatchObject({ sequence: 2 });
    expect(sent).toEqual([{ ...requestOf('c2', crediting('ada', 1)), isForwarded: true }]);
  });

  it('sends nothing on that was sent on to it, and nothing where it is not told to', async () => {
    const { owner, other, sent } = forwarding(true);
    await owner('c1', creating('ada'));
    const again = { ...requestOf('c2', crediting('ada', 1)), isForwarded: true };
    await expect(other.handle(again)).rejects.toMatchObject({ code: 'NOT_OWNER' });
    const silent = forwarding(false);
    await silent.owner('c1', creating('ada'));
    await expect(silent.other.handle(requestOf('c2', crediting('ada', 1)))).rejects.toMatchObject({
      code: 'NOT_OWNER',
    });
    expect([...sent, ...silent.sent]).toEqual([]);
  });
});

describe('an instance that is asked for a shard which somebody holds and was not granted yet', () => {
  it('refuses, and sends the command to nobody', async () => {
    const { clock, store } = open();
    const sent: string[] = [];
    const authority = new ShardAuthority({
      ...{ writer: 'w2.1', store, clock, settings: { ...SETTINGS, forwards: true } },
      execute: () => Promise.reject(new Error('it owns nothing')),
      forward: (name) => {
        sent.push(name);
        return Promise.reject(new Error('nobody is there'));
      },
    });
    await store.hold(shardOf('ada', SETTINGS.shardCount), 'w1.1', SETTINGS.holdMs);
    await expect(authority.handle(requestOf('c1', creating('ada')))).rejects.toMatchObject({ code: 'NOT_OWNER' });
    expect(sent).toEqual([]);
  });
});

describe('shards', () => {
  it('are the same at every instance and in every release: owners of two releases may run at once', () => {
    expect(['ada', 'bob', 'user-1', 'ü'].map((user) => shardOf(user, 16))).toEqual([
      'shard-12',
      'shard-5',
      'shard-5',
      'shard-12',
    ]);
  });

  it('have about as many users each', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 10_000; index += 1) {
      const shard = shardOf(`user-${index}`, 8);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    expect(Math.min(...counts.values())).toBeGreaterThan(1_000);
    expect(Math.max(...counts.values())).toBeLessThan(1_500);
  });
});
