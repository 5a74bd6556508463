import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  HISTORY_LINE_LENGTH_MAX,
  mergeByOrder,
  readHistory,
  readHistoryFile,
} from '../../shared/adapters/history-files';
import { openJsonlRecorder } from '../../shared/adapters/jsonl-recorder';
import type { HistoryRecord } from '../../shared/model/history';
import { useFolder } from '../support/folder';

function joined(recorder: string, n: number, order: number): HistoryRecord {
  return { stream: 'Cause', type: 'join', consumer: 'c1', recorder, n, order };
}

function textOf(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

describe('a history file', () => {
  const folder = useFolder();
  const written = (content: string | Uint8Array): string => {
    const path = join(folder(), 'a.jsonl');
    writeFileSync(path, content);
    return path;
  };

  it('gives back what the recorder wrote', () => {
    const path = join(folder(), 'c1.jsonl');
    let order = 0;
    const recorder = openJsonlRecorder({ path, recorder: 'c1#1', nextOrder: () => ++order });
    recorder.record({ stream: 'Cause', type: 'join', consumer: 'Zoë' });
    recorder.close();
    expect([...readHistoryFile(path)]).toEqual([
      { stream: 'Cause', type: 'join', consumer: 'Zoë', recorder: 'c1#1', n: 1, order: 1 },
      { stream: 'Run', type: 'end', recorder: 'c1#1', n: 2, order: 2 },
    ]);
  });

  it('that was cut anywhere gives the records whose lines were whole', () => {
    const records = [
      joined('a', 1, 1),
      { ...joined('a', 2, 2), consumer: 'Zoë' },
      joined('a', 3, 3),
    ] as HistoryRecord[];
    const bytes = Buffer.from(textOf(records));
    fc.assert(
      fc.property(fc.nat(bytes.length), (size) => {
        const cut = bytes.subarray(0, size);
        // A line that lacks nothing but its line feed is whole.
        const wholeCount = records.filter(
          (_, index) => size >= Buffer.byteLength(textOf(records.slice(0, index + 1))) - 1,
        ).length;
        expect([...readHistoryFile(written(cut))]).toEqual(records.slice(0, wholeCount));
      }),
    );
  });

  it('is read across the borders of its chunks, which fall inside characters', () => {
    const records = Array.from({ length: 9_000 }, (_, index) => ({
      ...joined('a', index + 1, index),
      consumer: '→'.repeat(60),
    }));
    expect([...readHistoryFile(written(textOf(records)))]).toEqual(records);
  });

  const good = joined('a', 1, 1);
  it.each([
    ['is torn in the middle', '{"stream":"Cause"', 'the line is not JSON'],
    ['is blank', '', 'the line is not JSON'],
    ['is no object', '7', 'a record is a JSON object'],
    [
      'has a stream that nobody knows',
      JSON.stringify({ ...good, stream: 'Obs' }),
      'no record of stream Obs and type join',
    ],
    [
      'has a type of another stream',
      JSON.stringify({ ...good, stream: 'Eff' }),
      'no record of stream Eff and type join',
    ],
    ['has no type', JSON.stringify({ ...good, type: undefined }), 'stream and type must be strings'],
    ['has no recorder', JSON.stringify({ ...good, recorder: undefined }), 'recorder must be a string'],
    ['has a counter of 0', JSON.stringify({ ...good, n: 0 }), 'n must be a whole number from 1'],
    ['has no order', JSON.stringify({ ...good, order: undefined }), 'order must be a number'],
    [
      'is of a later format',
      JSON.stringify({ ...good, stream: 'Run', type: 'header', format: 2 }),
      'format 2 cannot be read',
    ],
  ])('with a line that %s is refused with path and line', (_what, line, problem) => {
    const path = written(`${textOf([good])}${line}\n${textOf([good])}`);
    expect(() => [...readHistoryFile(path)]).toThrow(expect.objectContaining({ code: 'HISTORY_LINE_INVALID' }));
    expect(() => [...readHistoryFile(path)]).toThrow(`${path}, line 2: `);
    expect(() => [...readHistoryFile(path)]).toThrow(problem);
  });

  it('with an endless line is refused before it is in memory', () => {
    const path = written(`${textOf([good])}${'x'.repeat(HISTORY_LINE_LENGTH_MAX * 2)}`);
    expect(() => [...readHistoryFile(path)]).toThrow('line 2: the line is longer than');
  });

  it('that is not there is FILE_UNREADABLE', () => {
    expect(() => [...readHistory(join(folder(), 'none.jsonl'))]).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
  });
});

describe('the history of a run folder', () => {
  const folder = useFolder();

  it('is the merge of its history files, and of nothing else', () => {
    mkdirSync(join(folder(), 'history'));
    const files = {
      'b.jsonl': [joined('b', 1, 2), joined('b', 2, 5)],
      'a.jsonl': [joined('a', 1, 1), joined('a', 2, 4)],
    };
    for (const [name, records] of Object.entries(files))
      writeFileSync(join(folder(), 'history', name), textOf(records));
    writeFileSync(join(folder(), 'history', 'notes.txt'), 'not a history');
    const merged = [...readHistory(folder())];
    expect(merged.map(({ recorder, order }) => `${recorder}${order}`)).toEqual(['a1', 'b2', 'a4', 'b5']);
  });

  it('leaves no file open, however early its reader leaves', () => {
    mkdirSync(join(folder(), 'history'));
    for (const name of ['a', 'b'])
      writeFileSync(join(folder(), 'history', `${name}.jsonl`), textOf([joined(name, 1, 1)]));
    const openFiles = () => readdirSync('/dev/fd').length;
    const before = openFiles();
    for (const record of readHistory(folder())) if (record.order === 1) break;
    expect(openFiles()).toBe(before);
  });
});

describe('merging', () => {
  const anyOrders = fc.array(fc.array(fc.nat(50), { maxLength: 20 }), { maxLength: 6 });
  const sourcesOf = (orders: readonly (readonly number[])[]) =>
    orders.map((source, index) => source.map((order, at) => joined(`r${index}`, at + 1, order)));

  it('sorts by order and then by source, and is stable', () => {
    fc.assert(
      fc.property(anyOrders, (orders) => {
        const sources = sourcesOf(orders.map((source) => [...source].sort((left, right) => left - right)));
        const expected = sources.flat().sort((left, right) => left.order - right.order);
        expect([...mergeByOrder(sources)]).toEqual(expected);
      }),
    );
  });

  it('keeps the records of one source in their order even when their orders are not sorted, and loses none', () => {
    fc.assert(
      fc.property(anyOrders, (orders) => {
        const sources = sourcesOf(orders);
        const merged = [...mergeByOrder(sources)];
        for (const [index, source] of sources.entries()) {
          expect(merged.filter((record) => record.recorder === `r${index}`)).toEqual(source);
        }
      }),
    );
  });
});
