import fc from 'fast-check';
import type { Projector } from '../../consumers/projector';
import { OrderlabError } from '../../shared/errors';
import type { StoreOperation } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import { InvariantError } from '../../shared/model/invariant';
import type { StrategyName } from '../../shared/model/strategy';
import { pick, start, stream } from '../support/projecting';
import { SETTINGS, Stage } from '../support/stage';
import { credits } from '../support/user-event';

async function appliedOf(stage: Stage): Promise<number> {
  let versions = 0;
  for await (const body of stage.store.dump()) if (body.type === 'user') versions += body.version;
  return versions;
}

/** Stops it and waits until it has drained. */
async function drain(stage: Stage, projector: Projector): Promise<void> {
  stage.stop();
  await stage.clock.run(projector.finished);
}

describe('a projector', () => {
  it('applies and acknowledges what it receives, and asks for more', async () => {
    const stage = new Stage();
    const projector = start(stage);
    const ids = stage.offer(...credits(12, 3));
    await stage.settle();
    expect(await appliedOf(stage)).toBe(12);
    expect([...stage.callsOf('ack')].sort()).toEqual([...ids].sort());
    expect(stage.meter.counts).toMatchObject({ delivered: 12, applied: 12, absorbed: 0, parked: 0 });
    expect(projector.load).toEqual({ inHandCount: 0, parkedCount: 0 });
    expect(stage.waitingReceiveCount).toBe(1);
  });

  it('works on one delivery of a user at a time, and on several users at once', async () => {
    const open = new Map<string, number>();
    let usersAtOnce = 0;
    const stage = new Stage();
    stage.script.onReached = (point, { user }) => {
      const change = point === 'before:handle' ? 1 : point === 'after:handle' ? -1 : 0;
      open.set(user, (open.get(user) ?? 0) + change);
      expect(open.get(user)).toBeLessThanOrEqual(1);
      usersAtOnce = Math.max(usersAtOnce, [...open.values()].filter((count) => count > 0).length);
      return point === 'before:apply' ? stage.clock.sleep(5).then(() => 'go' as const) : 'go';
    };
    const projector = start(stage);
    stage.offer(...credits(40, 4));
    await stage.clock.run(stage.clock.sleep(60));
    expect(usersAtOnce).toBe(4);
    await drain(stage, projector);
    expect(await appliedOf(stage)).toBe(40);
  });

  it('records a delivery before anything is done with it', async () => {
    const stage = new Stage();
    start(stage);
    stage.offer(...stream(1));
    await stage.settle();
    expect(stage.calls.slice(0, 3)).toEqual(['receive', 'record Del received', 'after:receive']);
  });

  it('ends with its defect instead of going on without a word', async () => {
    const stage = new Stage();
    stage.script.onStore = () => {
      throw new InvariantError('invariant broken: planted');
    };
    const projector = start(stage);
    stage.offer(...stream(1));
    await expect(projector.finished).rejects.toThrow('planted');
  });
});

describe('order', () => {
  it('is restored from whatever order the deliveries came in: nothing lost, nothing twice, nothing given back', async () => {
    const shuffled = fc.shuffledSubarray(credits(12, 2), { minLength: 12 });
    await fc.assert(
      fc.asyncProperty(shuffled, fc.constantFrom('version-next-park', 'version-next-repair'), async (events, name) => {
        const stage = new Stage();
        const projector = start(stage, name as StrategyName);
        stage.offer(...events);
        await stage.clock.run(stage.clock.sleep(1_000));
        expect(await appliedOf(stage)).toBe(12);
        expect(new Set(stage.callsOf('ack')).size).toBe(12);
        expect(stage.callsOf('nack')).toEqual([]);
        expect(projector.load).toEqual({ inHandCount: 0, parkedCount: 0 });
      }),
      { numRuns: 25 },
    );
  });

  it('after a gap: the parked ones follow in order as soon as the gap is filled', async () => {
    const stage = new Stage();
    start(stage, 'version-next-park');
    stage.offer(...pick(stream(4), 4, 2, 3, 1));
    await stage.settle();
    const applied = stage.records.flatMap((record) =>
      record.type === 'answered' && record.outcome === 'applied' ? [record.sequence] : [],
    );
    expect(applied).toEqual([1, 2, 3, 4]);
    expect(stage.records.flatMap((record) => (record.type === 'unparked' ? [record.because] : []))).toEqual(
      Array.from({ length: 3 }, () => 'predecessor-applied'),
    );
  });

  it('is repaired from the log when what is missing went elsewhere', async () => {
    const stage = new Stage();
    start(stage, 'version-next-repair');
    const events = stream(4);
    stage.logged.push(...pick(events, 1, 2));
    stage.offer(...pick(events, 3, 4));
    await stage.clock.run(stage.clock.sleep(SETTINGS.gapDeadlineMs));
    expect(stage.callsOf('read-log')).not.toEqual([]);
    expect(await appliedOf(stage)).toBe(4);
    expect(stage.callsOf('ack')).toHaveLength(2);
  });

  it('is waited for without end where nothing repairs it', async () => {
    const stage = new Stage();
    const projector = start(stage, 'version-next-park');
    stage.offer(...pick(stream(3), 2, 3));
    await stage.clock.run(stage.clock.sleep(60_000));
    expect(projector.load).toEqual({ inHandCount: 2, parkedCount: 2 });
    expect(stage.callsOf('ack')).toEqual([]);
  });
});

describe('a failing handler', () => {
  const failTwice = (stage: Stage) => {
    let left = 2;
    stage.script.onReached = (point, { sequence }) => {
      if (point !== 'before:apply' || sequence !== 2 || left === 0) return 'go';
      left -= 1;
      return Promise.resolve('fail');
    };
  };

  it('holds its user under the policy park and is tried again in place', async () => {
    const stage = new Stage();
    failTwice(stage);
    start(stage, 'atomic-setnx');
    stage.offer(...stream(3));
    await stage.clock.run(stage.clock.sleep(1_000));
    expect(stage.callsOf('ack')).toEqual(['1:1:-1', '1:2:-1', '1:3:-1']);
    expect(stage.callsOf('nack')).toEqual([]);
    expect(stage.meter.counts).toMatchObject({ parked: 2, applied: 3 });
  });

  it('gives the message back under the policy nack, and successors overtake', async () => {
    const stage = new Stage();
    failTwice(stage);
    start(stage, 'atomic-setnx', { settings: { ...SETTINGS, onFailure: 'nack' } });
    stage.offer(...stream(3));
    await stage.settle();
    expect(stage.callsOf('nack')).toEqual(['1:2:-1']);
    expect(stage.callsOf('ack')).toEqual(['1:1:-1', '1:3:-1']);
  });
});

describe('a stop', () => {
  it('of an idle projector ends it at once, and what arrives afterwards is left alone', async () => {
    const stage = new Stage();
    const projector = start(stage);
    await drain(stage, projector);
    stage.offer(...stream(1));
    await stage.settle();
    expect(stage.calls).toEqual(['receive']);
  });

  it('finishes what is in hand and receives nothing more', async () => {
    const stage = new Stage();
    stage.script.onReached = (point) =>
      point === 'before:apply' ? stage.clock.sleep(10).then(() => 'go' as const) : 'go';
    const projector = start(stage);
    stage.offer(...credits(3, 3));
    await stage.settle();
    await drain(stage, projector);
    stage.offer(...stream(1));
    await stage.settle();
    expect(stage.callsOf('ack')).toHaveLength(3);
    expect(projector.load).toEqual({ inHandCount: 0, parkedCount: 0 });
  });

  it('does not wait for what is parked: that goes back with the close', async () => {
    const stage = new Stage();
    const projector = start(stage, 'version-next-park');
    stage.offer(...pick(stream(2), 2));
    await stage.settle();
    await drain(stage, projector);
    expect(stage.callsOf('ack')).toEqual([]);
  });

  it('nor for what is parked only after the stop', async () => {
    const stage = new Stage();
    stage.script.onReached = (point) =>
      point === 'before:apply' ? stage.clock.sleep(10).then(() => 'go' as const) : 'go';
    const projector = start(stage, 'version-next-park');
    stage.offer(...pick(stream(2), 2));
    await stage.settle();
    await drain(stage, projector);
    expect(projector.load).toEqual({ inHandCount: 1, parkedCount: 1 });
  });
});

describe('idempotency keys', () => {
  it('are as many as there are applied events', async () => {
    const stage = new Stage();
    start(stage);
    const events = credits(20, 4);
    stage.offer(...events, ...events);
    await stage.settle();
    let keys = 0;
    for await (const body of stage.store.dump()) if (body.type === 'marker') keys += 1;
    expect(keys).toBe(20);
    expect(stage.meter.counts).toMatchObject({ applied: 20, absorbed: 20, 'marker-disagreements': 0 });
  });

  it.each<{ readonly what: string; readonly planted: StoreOperation }>([
    {
      what: 'a key that stands there before its effect',
      planted: { name: 'set-marker', user: 'u-0', eventId: 'e-0', sequence: 1, ttlMs: null },
    },
    {
      what: 'an effect whose key is missing',
      planted: {
        ...{ name: 'apply', guard: 'next', setsMarker: false, markerTtlMs: null, changesModel: true, owner: 'c9#1' },
        ...{ event: stream(1)[0] as UserEvent, digest: 0 },
      },
    },
  ])('in disagreement with the sequence are counted, and the sequence decides: $what', async ({ planted }) => {
    const stage = new Stage();
    await stage.store.execute(planted);
    start(stage);
    stage.offer(...stream(1));
    await stage.settle();
    expect(stage.meter.counts['marker-disagreements']).toBe(1);
    expect(await appliedOf(stage)).toBe(1);
    expect(stage.callsOf('ack')).toHaveLength(1);
  });
});

describe('a message that no event can be read from', () => {
  const [good] = stream(1);
  const altered = (change: object) => new TextEncoder().encode(JSON.stringify({ ...good, ...change }));

  it.each([
    ['not-json', new TextEncoder().encode('{')],
    ['unknown-type', altered({ type: 'UserPromoted' })],
    ['unknown-version', altered({ schemaVersion: 2 })],
    ['missing-sequence', altered({ sequence: undefined })],
    ['invalid', altered({ data: { amount: 'much' } })],
    ['too-large', new Uint8Array(64 * 1024 + 1)],
  ])('goes to the quarantine as %s, with a count, and others go on', async (reason, payload) => {
    const stage = new Stage();
    const projector = start(stage);
    const id = stage.offerBytes('u-0', payload);
    stage.offer(...stream(2));
    await stage.settle();
    const kept = [];
    for await (const body of stage.store.dump()) if (body.type === 'quarantined') kept.push(body);
    expect(kept).toMatchObject([{ user: 'u-0', messageId: id, reason }]);
    expect(stage.callsOf('ack')).toContain(id);
    expect(stage.meter.counts).toMatchObject({ delivered: 3, quarantined: 1, applied: 2 });
    expect(projector.load.inHandCount).toBe(0);
  });

  it('is recorded under its key, and kept under a name of its own when the key is no id of a user', async () => {
    const stage = new Stage();
    start(stage);
    stage.offerBytes('{no id}', new TextEncoder().encode('x'));
    await stage.settle();
    expect(stage.records.map((record) => ('user' in record ? record.user : ''))).toEqual(
      stage.records.map(() => '{no id}'),
    );
    const kept = [];
    for await (const body of stage.store.dump()) kept.push(body);
    expect(kept).toMatchObject([{ type: 'quarantined', user: 'unreadable', reason: 'not-json' }]);
  });

  it('is not lost when the store or the broker fails: both are asked again', async () => {
    const stage = new Stage();
    let failures = 4;
    const fail = () => {
      failures -= 1;
      if (failures >= 0) throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'the call', deadlineMs: 1 });
    };
    stage.script.onStore = () => failures > 2 && fail();
    stage.script.onAck = fail;
    start(stage);
    const id = stage.offerBytes('u-0', new TextEncoder().encode('x'));
    await stage.clock.run(stage.clock.sleep(1_000));
    expect(stage.callsOf('store')).toHaveLength(3);
    expect(stage.callsOf('ack')).toEqual([id, id, id]);
    expect(stage.meter.counts.quarantined).toBe(1);
  });

  it('is acknowledged when a stop comes in the middle of it, or not said to be', async () => {
    const stage = new Stage();
    stage.script.onStore = () => stage.stop();
    const projector = start(stage);
    stage.offerBytes('u-0', new TextEncoder().encode('x'));
    await stage.clock.run(projector.finished);
    const confirmed = stage.records.filter(({ type }) => type === 'ack-confirmed');
    expect(stage.callsOf('ack')).toHaveLength(1);
    expect(confirmed).toHaveLength(1);
  });

  it('is given up, unacknowledged, when the store still fails after the stop', async () => {
    const stage = new Stage();
    stage.script.onStore = () => {
      throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'the call', deadlineMs: 1 });
    };
    const projector = start(stage);
    stage.offerBytes('u-0', new TextEncoder().encode('x'));
    await stage.settle();
    await drain(stage, projector);
    expect(stage.callsOf('ack')).toEqual([]);
    expect(stage.meter.counts.quarantined).toBe(0);
    expect(stage.records.map(({ type }) => type)).not.toContain('ack-confirmed');
  });
});
