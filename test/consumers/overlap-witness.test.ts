/** Begin and end of handlers, which the store counts, against the moment at which the broker is told. */
import { type ProjectorOptions, startProjector } from '../../consumers/projector';
import { STRATEGIES } from '../../consumers/strategies/index';
import { openEmbeddedStore } from '../../shared/adapters/embedded-store';
import { OrderlabError } from '../../shared/errors';
import type { StoreOperation } from '../../shared/model/action';
import type { EffBody, HistoryBody } from '../../shared/model/history';
import { STRATEGY_NAMES, type StrategyName } from '../../shared/model/strategy';
import { SETTINGS, Stage } from '../support/stage';
import { credits } from '../support/user-event';

function start(stage: Stage, strategy: StrategyName = 'version-next-repair', choice: Partial<ProjectorOptions> = {}) {
  startProjector({
    ...{ strategy: STRATEGIES[strategy], settings: SETTINGS, ports: stage.ports, meter: stage.meter },
    ...{
      context: { listensTo: null, unlistened: 'advance', identity: 'event' },
      unackedCountMax: 1_000,
      witnessesOverlap: true,
    },
    ...choice,
  });
}

function lost(): never {
  throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'the call', deadlineMs: 1 });
}

describe('the witness of overlap', () => {
  /** Calls reach the store in order, each a while after it was made, and other consumers have a store that is near. */
  async function openAtHandOver(strategy: StrategyName, choice: Partial<ProjectorOptions> = {}) {
    const stage = new Stage();
    const journal: EffBody[] = [];
    const recordEffect = (body: HistoryBody): void => void (body.stream === 'Eff' && journal.push(body));
    const near = openEmbeddedStore({ clock: stage.clock, journal: { record: recordEffect } });
    const execute = (operation: StoreOperation) => stage.clock.sleep(5).then(() => near.execute(operation));
    const beginElsewhere = () => void near.execute({ name: 'begin-handler', user: 'u-0', owner: 'c2#1' });
    const nack = async (): Promise<void> => beginElsewhere();
    stage.script.onAck = beginElsewhere;
    const { consumer } = stage.ports;
    const ports = { ...stage.ports, consumer: { ...consumer, nack }, store: { ...near, execute } };
    start(stage, strategy, { ports, ...choice });
    return { stage, journal };
  }

  it.each(STRATEGY_NAMES)('%s has no handler open when the broker may give the user to another', async (strategy) => {
    const { stage, journal } = await openAtHandOver(strategy);
    stage.offer(...credits(2, 1));
    await stage.clock.run(stage.clock.sleep(1_000));
    const elsewhere = journal.filter(
      ({ type, ...body }) => type === 'begin' && 'owner' in body && body.owner === 'c2#1',
    );
    expect(elsewhere).toMatchObject([{ open: [] }, { open: [] }]);
    const own = journal.filter((body) => 'owner' in body && body.owner === 'c1#1');
    expect(own.map(({ type }) => type)).toEqual(['begin', 'effect', 'end', 'begin', 'effect', 'end']);
  });

  it('has no handler open when a failed one gives its message back', async () => {
    const { stage, journal } = await openAtHandOver('no-guard', { settings: { ...SETTINGS, onFailure: 'nack' } });
    stage.script.onReached = (point) => (point === 'before:apply' ? Promise.resolve('fail') : 'go');
    stage.offer(...credits(1, 1));
    await stage.clock.run(stage.clock.sleep(1_000));
    expect(journal).toMatchObject([
      { type: 'begin', owner: 'c1#1' },
      { type: 'end', owner: 'c1#1' },
      { type: 'begin', owner: 'c2#1', open: [] },
    ]);
  });

  it('is not told of a second end where the acknowledgement is sent again', async () => {
    const stage = new Stage();
    let failures = 2;
    stage.script.onAck = () => {
      failures -= 1;
      if (failures >= 0) lost();
    };
    start(stage);
    stage.offer(...credits(1, 1));
    await stage.clock.run(stage.clock.sleep(1_000));
    expect(stage.callsOf('ack')).toHaveLength(3);
    expect(stage.callsOf('store')).toEqual(['begin-handler', 'apply', 'end-handler']);
  });

  it('holds no acknowledgement back when the store does not hear of the end', async () => {
    const stage = new Stage();
    stage.script.onStore = ({ name }) => {
      if (name === 'end-handler') lost();
    };
    start(stage);
    stage.offer(...credits(1, 1));
    await stage.settle();
    expect(stage.callsOf('ack')).toHaveLength(1);
  });
});
