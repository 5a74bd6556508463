import fs, { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonlRecorder, openJsonlRecorder } from '../../shared/adapters/jsonl-recorder';
import type { HistoryBody } from '../../shared/model/history';
import { useFolder } from '../support/folder';

const JOIN: HistoryBody = { stream: 'Cause', type: 'join', consumer: 'c1' };
const RECORDS_PER_SECOND_MIN = 150_000;

describe('the JSON-lines recorder', () => {
  const folder = useFolder();
  const pathOf = (name: string) => join(folder(), name);
  const open = (path: string): JsonlRecorder => {
    let order = 100;
    return openJsonlRecorder({ path, recorder: 'c1#1', nextOrder: () => order++ });
  };
  const linesOf = (path: string): unknown[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));

  it('has written a record when record returns', () => {
    const recorder = open(pathOf('a.jsonl'));
    recorder.record(JOIN);
    expect(linesOf(pathOf('a.jsonl'))).toEqual([{ recorder: 'c1#1', n: 1, order: 100, ...JOIN }]);
    recorder.close();
  });

  it('counts from 1 without a hole, and ends with the end record', () => {
    const recorder = open(pathOf('a.jsonl'));
    for (let index = 0; index < 50; index += 1) recorder.record(JOIN);
    recorder.close();
    recorder.close();
    const lines = linesOf(pathOf('a.jsonl'));
    expect(lines).toHaveLength(51);
    expect(lines.map((line) => (line as { n: number }).n)).toEqual(Array.from({ length: 51 }, (_, index) => index + 1));
    expect(lines[50]).toMatchObject({ stream: 'Run', type: 'end' });
  });

  it('leaves no end record when it is abandoned, and the dead write nothing', () => {
    const recorder = open(pathOf('a.jsonl'));
    recorder.record(JOIN);
    recorder.abandon();
    recorder.record(JOIN);
    recorder.close();
    expect(linesOf(pathOf('a.jsonl'))).toHaveLength(1);
  });

  it('takes nothing after its end: that is a bug of the caller', () => {
    const recorder = open(pathOf('a.jsonl'));
    recorder.close();
    expect(() => recorder.record(JOIN)).toThrow('nothing is recorded after the end record');
  });

  it('starts no second life in one file', () => {
    writeFileSync(pathOf('a.jsonl'), '');
    expect(() => open(pathOf('a.jsonl'))).toThrow(expect.objectContaining({ code: 'FILE_UNWRITABLE' }));
  });

  it('names the path that it cannot write', () => {
    expect(() => open(pathOf('missing/a.jsonl'))).toThrow(/cannot write .*missing\/a\.jsonl: .*ENOENT/);
  });

  it('keeps records with any text in one line each', () => {
    const recorder = open(pathOf('a.jsonl'));
    recorder.record({ ...JOIN, consumer: 'Zoë\n\u2028👩‍🚀' });
    recorder.close();
    expect(linesOf(pathOf('a.jsonl'))).toHaveLength(2);
    expect(linesOf(pathOf('a.jsonl'))[0]).toMatchObject({ consumer: 'Zoë\n\u2028👩‍🚀' });
  });

  it(`writes at least ${RECORDS_PER_SECOND_MIN} records a second, one write each`, () => {
    const recordCount = 30_000;
    const recorder = open(pathOf('a.jsonl'));
    const before = process.cpuUsage();
    for (let index = 0; index < recordCount; index += 1) recorder.record(JOIN);
    const { user, system } = process.cpuUsage(before);
    recorder.close();
    // Processor time, since the clock on the wall also counts what other processes do.
    expect(recordCount / ((user + system) / 1_000_000)).toBeGreaterThan(RECORDS_PER_SECOND_MIN);
  });

  describe('that writes by the turn', () => {
    const openTurn = (): JsonlRecorder => {
      let order = 100;
      return openJsonlRecorder({
        path: pathOf('a.jsonl'),
        recorder: 'c1#1',
        nextOrder: () => order++,
        writes: 'turn',
      });
    };
    const lineCount = (): number => linesOf(pathOf('a.jsonl')).length;

    it('has everything on file when written resolves, what was recorded after the call included, in one write', async () => {
      const writes = jest.spyOn(fs, 'writeSync');
      const recorder = openTurn();
      recorder.record(JOIN);
      const first = recorder.written();
      recorder.record(JOIN);
      const second = recorder.written();
      expect(lineCount()).toBe(0);
      await Promise.all([first, second]);
      expect(lineCount()).toBe(2);
      expect(writes).toHaveBeenCalledTimes(1);
      expect(recorder.written()).toBeNull();
      recorder.close();
    });

    it('lets those who wait go on in the order of their calls, also who calls while the others are going on', async () => {
      const recorder = openTurn();
      const order: number[] = [];
      const goOn = async (place: number): Promise<void> => {
        const writing = recorder.written();
        if (writing !== null) await writing;
        order.push(place);
      };
      recorder.record(JOIN);
      /** Due between the write and those who wait for it: it may not overtake them. */
      process.nextTick(() => void Promise.resolve().then(() => goOn(3)));
      const waiting = [goOn(1), goOn(2)];
      await Promise.all(waiting);
      await new Promise(setImmediate);
      expect(order).toEqual([1, 2, 3]);
      recorder.close();
    });

    it('writes within the turn when nobody waits', async () => {
      const recorder = openTurn();
      recorder.record(JOIN);
      await new Promise(setImmediate);
      expect(lineCount()).toBe(1);
      recorder.close();
    });

    it.each<[string, (recorder: JsonlRecorder) => void, number]>([
      ['flush', (recorder) => recorder.flush(), 1],
      ['abandon', (recorder) => recorder.abandon(), 1],
      ['close', (recorder) => recorder.close(), 2],
    ])('has written what it gathered when %s returns', (_name, end, count) => {
      const recorder = openTurn();
      recorder.record(JOIN);
      end(recorder);
      expect(lineCount()).toBe(count);
      recorder.abandon();
    });

    it('tells a failed write to those who wait, and to whoever records next', async () => {
      const recorder = openTurn();
      recorder.record(JOIN);
      const writing = recorder.written();
      jest.spyOn(fs, 'writeSync').mockImplementation(() => {
        throw new Error('no space left');
      });
      await expect(writing).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
      jest.restoreAllMocks();
      expect(() => recorder.record(JOIN)).toThrow(expect.objectContaining({ code: 'FILE_UNWRITABLE' }));
      recorder.abandon();
    });

    afterEach(() => jest.restoreAllMocks());
  });
});
