import { readFileSync, writeFileSync } from 'node:fs';
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
});
