/** How much a projector takes in hand, and when it receives again. */
import { AT_WORK_COUNT_MAX } from '../../consumers/projector';
import { pick, start, stream } from '../support/projecting';
import { Stage } from '../support/stage';
import { credits } from '../support/user-event';

describe('a projector with bounded room', () => {
  it('never receives while it holds as many deliveries as it may, parked ones included', async () => {
    const stage = new Stage();
    start(stage, 'version-next-park', { unackedCountMax: 3 });
    stage.offer(...pick(stream(6), 2, 3, 4, 5, 6));
    await stage.settle();
    expect(stage.callsOf('record').filter((call) => call === 'Del received')).toHaveLength(3);
    expect(stage.waitingReceiveCount).toBe(0);
    expect(stage.calls.filter((call) => call === 'receive')).toHaveLength(3);
  });

  it('receives again when half of its room is free, and then all that fits at once', async () => {
    const stage = new Stage();
    const held: (() => void)[] = [];
    stage.script.onReached = (point) =>
      point === 'before:ack' ? new Promise((resolve) => held.push(() => resolve('go'))) : 'go';
    start(stage, 'no-guard', { unackedCountMax: 4 });
    stage.offer(...credits(8, 8));
    const receiveCountAfter = async (ackCount: number): Promise<number> => {
      for (const letGo of held.splice(0, ackCount)) letGo();
      await stage.settle();
      return stage.calls.filter((call) => call === 'receive').length;
    };
    expect(await receiveCountAfter(0)).toBe(4);
    expect(await receiveCountAfter(1)).toBe(4);
    expect(await receiveCountAfter(1)).toBe(6);
  });

  it('works on a bounded number of deliveries at once, and what is parked is not worked on', async () => {
    const stage = new Stage();
    stage.script.onReached = (point, { sequence }) =>
      point === 'before:ack' && sequence === 1 ? new Promise(() => {}) : 'go';
    start(stage, 'version-next-park');
    const receiveCount = (): number => stage.calls.filter((call) => call === 'receive').length;
    const [, ...early] = stream(1 + AT_WORK_COUNT_MAX);
    stage.offer(...early);
    await stage.settle();
    expect(receiveCount()).toBe(AT_WORK_COUNT_MAX + 1);
    stage.offer(...credits(2 * AT_WORK_COUNT_MAX, 2 * AT_WORK_COUNT_MAX));
    await stage.settle();
    expect(receiveCount()).toBe(2 * AT_WORK_COUNT_MAX);
  });

  it('that was full receives again when what it holds waits for what is still to come', async () => {
    const stage = new Stage();
    const held: (() => void)[] = [];
    stage.script.onReached = (point, { sequence }) =>
      point === (sequence === 1 ? 'before:ack' : 'before:apply')
        ? new Promise((resolve) => held.push(() => resolve('go')))
        : 'go';
    start(stage, 'version-next-park', { unackedCountMax: 4 });
    const [first, , , , , ...early] = credits(8, 4);
    stage.offer(...(first === undefined ? [] : [first]), ...early);
    const receiveCountAfter = async (letGo: (() => void) | undefined): Promise<number> => {
      letGo?.();
      await stage.settle();
      return stage.calls.filter((call) => call === 'receive').length;
    };
    expect(await receiveCountAfter(undefined)).toBe(4);
    /** The acknowledgement is the last to be held: three are left at work. Then one of them is early, and two are left. */
    expect(await receiveCountAfter(held.pop())).toBe(4);
    expect(await receiveCountAfter(held.pop())).toBe(5);
  });

  it('with room for one receives one after the other', async () => {
    const stage = new Stage();
    start(stage, 'no-guard', { unackedCountMax: 1 });
    stage.offer(...credits(3, 3));
    await stage.settle();
    expect(stage.callsOf('ack')).toHaveLength(3);
  });
});
