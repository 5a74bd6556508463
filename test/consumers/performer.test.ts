import { type PortAction, perform, type Subject } from '../../consumers/performer';
import { OrderlabError } from '../../shared/errors';
import type { StoreOperation } from '../../shared/model/action';
import { InvariantError } from '../../shared/model/invariant';
import { decodeEvent } from '../../shared/wire';
import { Stage } from '../support/stage';
import { credits } from '../support/user-event';

const [event] = credits(1, 1);
if (event === undefined) throw new Error('there is an event');
const SUBJECT: Subject = { consumer: 'c1#1', messageId: '1:1:-1', event };

function applyOf(sequence: number): StoreOperation {
  return {
    ...{ name: 'apply', guard: 'none', setsMarker: false, markerTtlMs: null, changesModel: true, owner: 'c1#1' },
    ...{ event: { ...SUBJECT.event, sequence }, digest: 0 },
  };
}

const APPLY: PortAction = { kind: 'store', operation: applyOf(1) };
const PUBLISH: PortAction = { kind: 'publish', event };

function lost(): never {
  throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'the call', deadlineMs: 1 });
}

function refused(): never {
  throw new OrderlabError('PORT_CLOSED', { what: 'the port' });
}

describe('an action', () => {
  it.each<{ action: PortAction; calls: readonly string[] }>([
    {
      action: APPLY,
      calls: ['before:apply', 'store apply', 'journal Eff effect', 'record Del answered', 'after:apply'],
    },
    {
      action: { kind: 'ack' },
      calls: ['before:ack', 'record Del ack-intended', 'ack 1:1:-1', 'record Del ack-confirmed', 'after:ack'],
    },
    {
      action: { kind: 'nack' },
      calls: ['before:nack', 'record Del nack-intended', 'nack 1:1:-1', 'after:nack'],
    },
    {
      action: PUBLISH,
      calls: ['before:publish', 'record Pub invoke', 'send', 'record Pub return', 'after:publish'],
    },
    {
      action: { kind: 'read-log', user: 'u-0', fromSequence: 1, toSequence: 2 },
      calls: ['before:read-log', 'read-log 1-2', 'after:read-log'],
    },
  ])('$action.kind is announced, recorded before it takes place, and announced again', async ({ action, calls }) => {
    const stage = new Stage('results');
    await perform(action, SUBJECT, stage.ports);
    expect(stage.calls).toEqual(calls);
  });

  it.each<[PortAction['kind'], PortAction, string]>([
    ['store', APPLY, 'store apply'],
    ['ack', { kind: 'ack' }, 'ack 1:1:-1'],
    ['nack', { kind: 'nack' }, 'nack 1:1:-1'],
    ['publish', PUBLISH, 'send'],
  ])('%s takes place when what was recorded is on file, and not before', async (_kind, action, call) => {
    const stage = new Stage('results');
    let finish = (): void => {};
    const writing = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const recorder = { ...stage.ports.recorder, written: () => writing };
    const performed = perform(action, SUBJECT, { ...stage.ports, recorder });
    await stage.settle();
    expect(stage.calls).not.toContain(call);
    finish();
    await performed;
    expect(stage.calls).toContain(call);
  });

  it.each(['begin-handler', 'end-handler'] as const)('%s waits for nothing: it tells of its moment', async (name) => {
    const stage = new Stage();
    const recorder = { ...stage.ports.recorder, written: () => new Promise<void>(() => {}) };
    const operation = { name, user: 'u-0', owner: 'c1#1' };
    await perform({ kind: 'store', operation }, SUBJECT, { ...stage.ports, recorder });
    expect(stage.calls).toContain(`store ${name}`);
  });

  it('sleeps without a word', async () => {
    const stage = new Stage();
    expect(await stage.clock.run(perform({ kind: 'sleep', ms: 70 }, SUBJECT, stage.ports))).toEqual({ kind: 'ok' });
    expect(stage.clock.nowMs()).toBe(70);
    expect(stage.calls).toEqual([]);
  });

  it('waits at its points as long as it is held there', async () => {
    const stage = new Stage();
    let letGo: (answer: 'go') => void = () => {};
    stage.script.onReached = (point) =>
      point === 'before:ack'
        ? new Promise((resolve) => {
            letGo = resolve;
          })
        : 'go';
    const performing = perform({ kind: 'ack' }, SUBJECT, stage.ports);
    await stage.settle();
    expect(stage.calls).toEqual(['before:ack']);
    letGo('go');
    expect(await performing).toEqual({ kind: 'ok' });
  });

  it('that is told to fail does nothing, and its failure is definite', async () => {
    const stage = new Stage();
    stage.script.onReached = () => Promise.resolve('fail');
    expect(await perform(APPLY, SUBJECT, stage.ports)).toEqual({
      ...{ kind: 'failed', definite: true, code: 'HANDLER_FAILED' },
    });
    expect(stage.calls).toEqual(['before:apply', 'record Del failed']);
  });

  it.each([
    { how: 'definite', fail: refused, definite: true, code: 'PORT_CLOSED' },
    { how: 'unknown', fail: lost, definite: false, code: 'DEADLINE_EXCEEDED' },
  ])('whose port fails with a $how outcome says so, in answer and record', async ({ fail, definite, code }) => {
    const stage = new Stage();
    stage.script.onStore = fail;
    expect(await perform(APPLY, SUBJECT, stage.ports)).toEqual({ kind: 'failed', definite, code });
    expect(stage.records).toMatchObject([{ type: 'failed', operation: 'apply', definite, code }]);
    expect(stage.calls).not.toContain('after:apply');
  });

  it('never confirms an acknowledgement that failed', async () => {
    const stage = new Stage();
    stage.script.onAck = lost;
    await perform({ kind: 'ack' }, SUBJECT, stage.ports);
    expect(stage.records.map(({ type }) => type)).toEqual(['ack-intended', 'failed']);
  });

  it('lets our own bugs through', async () => {
    const stage = new Stage();
    stage.script.onStore = () => {
      throw new InvariantError('invariant broken: planted');
    };
    await expect(perform(APPLY, SUBJECT, stage.ports)).rejects.toThrow(InvariantError);
  });
});

describe('an application', () => {
  it('records what the store answered to the delivery', async () => {
    const stage = new Stage();
    await perform(APPLY, SUBJECT, stage.ports);
    expect(stage.records).toMatchObject([
      { type: 'answered', operation: 'apply', outcome: 'applied', version: 0, markerPresent: false, sequence: 1 },
    ]);
  });

  it('of another event, in a repair, is not recorded as the fate of the delivery', async () => {
    const stage = new Stage();
    const answer = await perform({ kind: 'store', operation: applyOf(2) }, SUBJECT, stage.ports);
    expect(answer).toMatchObject({ kind: 'store', answer: { outcome: 'applied' } });
    expect(stage.records).toEqual([]);
  });
});

describe('a result', () => {
  it('keeps user and sequence, and has an id that is the same every time', async () => {
    const stage = new Stage('results');
    const sent: unknown[] = [];
    stage.script.onSend = (payload) => sent.push(decodeEvent(payload).event);
    await perform(PUBLISH, SUBJECT, stage.ports);
    await perform(PUBLISH, SUBJECT, stage.ports);
    expect(sent).toEqual([{ ...event, id: 'e-0.result' }, sent[0]]);
  });

  it.each([
    { fail: () => {}, outcome: 'ok', messageId: '2:0:-1' },
    { fail: refused, outcome: 'fail', messageId: null },
    { fail: lost, outcome: 'info', messageId: null },
  ])('leaves a publish record with outcome $outcome', async ({ fail, outcome, messageId }) => {
    const stage = new Stage('results');
    stage.script.onSend = fail;
    await perform(PUBLISH, SUBJECT, stage.ports);
    const facts = {
      stream: 'Pub',
      producer: 'c1#1',
      topic: 'results',
      eventId: 'e-0.result',
      user: 'u-0',
      sequence: 1,
    };
    expect(stage.records.filter(({ stream }) => stream === 'Pub')).toEqual([
      { ...facts, type: 'invoke' },
      { ...facts, type: 'return', outcome, messageId },
    ]);
  });

  it('goes nowhere where no derived topic is', async () => {
    const stage = new Stage();
    expect(await perform(PUBLISH, SUBJECT, stage.ports)).toEqual({ kind: 'ok' });
    expect(stage.calls).not.toContain('send');
  });
});
