/** States to pages that read as fast as they can, or do not. */

import { openVirtualClock } from '../../../lab/conformance/virtual-clock';
import { StateStream, type StreamTarget } from '../../../lab/live/state-stream';

/** Takes so many messages until it is drained. */
class Page implements StreamTarget {
  readonly told: unknown[] = [];
  isEnded = false;
  writableNeedDrain = false;
  private readonly listeners: Record<'drain' | 'close', (() => void)[]> = { drain: [], close: [] };

  constructor(private room: number) {}

  write(text: string): void {
    this.told.push(JSON.parse(/data: (.*)/.exec(text)?.[1] ?? ''));
    this.room -= 1;
    this.writableNeedDrain = this.room <= 0;
  }

  end(): void {
    this.isEnded = true;
  }

  on(event: 'drain' | 'close', listener: () => void): void {
    this.listeners[event].push(listener);
  }

  emit(event: 'drain' | 'close', room = 1): void {
    this.room = room;
    this.writableNeedDrain = false;
    for (const listener of this.listeners[event]) listener();
  }
}

function opened() {
  const clock = openVirtualClock();
  let state = 0;
  const stream = new StateStream(clock, () => state);
  /** The state becomes another one, `times` times within one frame, and the frame passes. */
  const change = async (times = 1): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      state += 1;
      stream.changed();
    }
    await clock.run(clock.sleep(1_000));
  };
  return { stream, change };
}

it('makes one message of what changes within a frame', async () => {
  const { stream, change } = opened();
  const page = new Page(100);
  stream.add(page);
  await change(50);
  await change(1);
  expect(page.told).toEqual([0, 50, 51]);
});

it('keeps nothing for a page that does not read but the newest state, and tells it when it reads again', async () => {
  const { stream, change } = opened();
  const [slow, quick] = [new Page(2), new Page(100)];
  stream.add(slow);
  stream.add(quick);
  for (let time = 0; time < 20; time += 1) await change();
  expect(slow.told).toEqual([0, 1]);
  slow.emit('drain', 1);
  expect(slow.told).toEqual([0, 1, 20]);
  await change();
  expect(slow.told).toEqual([0, 1, 20]);
  slow.emit('drain', 100);
  expect(slow.told).toEqual([0, 1, 20, 21]);
  expect(quick.told).toHaveLength(22);
});

it('tells nothing twice to a page that was drained and had missed nothing', async () => {
  const { stream, change } = opened();
  const page = new Page(2);
  stream.add(page);
  await change();
  page.emit('drain', 5);
  expect(page.told).toEqual([0, 1]);
});

it('forgets a page that went, and ends the others when it closes', async () => {
  const { stream, change } = opened();
  const [gone, here] = [new Page(100), new Page(100)];
  stream.add(gone);
  stream.add(here);
  gone.emit('close');
  await change();
  expect([gone.told, here.told]).toEqual([[0], [0, 1]]);
  expect(stream.readerCount).toBe(1);
  stream.close();
  await change();
  expect([here.isEnded, here.told]).toEqual([true, [0, 1]]);
});
