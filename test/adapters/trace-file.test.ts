import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type EventDraft, TRACE_LINE_BYTES_MAX } from '../../producers/trace';
import { openTraceFile, type TraceFileOptions } from '../../shared/adapters/trace-file';
import { useFolder } from '../support/folder';

const TRACES = join(__dirname, '../../lab/traces');
const LINE = '{"at":1,"user":"ann","type":"UserCredited","data":{"amount":1}}';

async function read(options: Partial<TraceFileOptions>): Promise<{ events: EventDraft[]; badLineCount: number }> {
  const trace = openTraceFile({ path: '-', skipBadLines: false, ...options });
  const events: EventDraft[] = [];
  for await (const event of trace) events.push(event);
  return { events, badLineCount: trace.badLineCount };
}

describe('the bundled traces', () => {
  it.each([
    ['etcd', 27_427, 1_127, { UserCreated: 1_127, UserCredited: 25_173, UserEmailChanged: 756, UserRenamed: 371 }],
    ['fastify', 6_056, 896, { UserCreated: 896, UserCredited: 4_857, UserEmailChanged: 256, UserRenamed: 47 }],
  ])('%s holds what its README says', async (name, eventCount, userCount, typeCounts) => {
    const { events } = await read({ path: join(TRACES, `${name}.jsonl.gz`) });
    const counts: Record<string, number> = {};
    for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
    expect(events).toHaveLength(eventCount);
    expect(new Set(events.map((event) => event.user)).size).toBe(userCount);
    expect(counts).toEqual(typeCounts);
  });

  it('start every user with UserCreated', async () => {
    for (const name of ['etcd', 'fastify']) {
      const seen = new Set<string>();
      for (const { user, type } of (await read({ path: join(TRACES, `${name}.jsonl.gz`) })).events) {
        expect(type === 'UserCreated').toBe(!seen.has(user));
        seen.add(user);
      }
    }
  });
});

describe('a trace file', () => {
  const folder = useFolder();
  const written = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder(), name), content);
    return join(folder(), name);
  };

  it('reads the same plain, compressed, and from standard input however it is cut', async () => {
    const compressed = readFileSync(join(TRACES, 'fastify.jsonl.gz'));
    const plain = gunzipSync(compressed);
    const { events } = await read({ path: written('a.jsonl', plain) });
    expect(events).toHaveLength(6_056);
    expect((await read({ path: written('a.dat', compressed) })).events).toEqual(events);
    const bytes = [...plain.subarray(0, 5_000)].map((byte) => Buffer.of(byte));
    const dribble = await read({ standardInput: Readable.from(bytes), skipBadLines: true });
    expect(dribble.events).toEqual(events.slice(0, dribble.events.length));
    expect(dribble.events.length).toBeGreaterThan(20);
    const single = [...compressed].map((byte) => Buffer.of(byte));
    expect((await read({ standardInput: Readable.from(single) })).events).toEqual(events);
  });

  it.each([0, 1, 2, 9, 20, 30_000, 57_170])(
    'cut after %i compressed bytes is an error, never a shorter trace',
    async (size) => {
      const cut = readFileSync(join(TRACES, 'fastify.jsonl.gz')).subarray(0, size);
      await expect(read({ path: written('a.jsonl.gz', cut), skipBadLines: true })).rejects.toMatchObject({
        code: 'TRACE_TRUNCATED',
      });
    },
  );

  it('whose compressed bytes are damaged is FILE_UNREADABLE', async () => {
    const damaged = gzipSync(`${LINE}\n`.repeat(1_000));
    damaged[30] = (damaged[30] ?? 0) ^ 0xff;
    await expect(read({ path: written('a.gz', damaged) })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('that is not there, or is a folder, is FILE_UNREADABLE', async () => {
    await expect(read({ path: join(folder(), 'none') })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(read({ path: folder() })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('without an event is TRACE_EMPTY', async () => {
    await expect(read({ path: written('a.jsonl', '\n\n') })).rejects.toMatchObject({ code: 'TRACE_EMPTY' });
    await expect(read({ path: written('a.jsonl', 'x\n'), skipBadLines: true })).rejects.toMatchObject({
      code: 'TRACE_EMPTY',
    });
  });

  it.each([
    ['is not JSON', '{"at":1'],
    ['holds a user that nobody may have', LINE.replace('ann', 'a}b')],
    ['is longer than a line may be', LINE.replace('ann', 'x'.repeat(TRACE_LINE_BYTES_MAX))],
    ['has no end', LINE.replace('ann', 'x'.repeat(TRACE_LINE_BYTES_MAX * 40))],
  ])('names the line that %s, or counts it', async (_what, bad) => {
    const path = written('a.jsonl', `${LINE}\n\n${bad}\n${LINE}\n`);
    await expect(read({ path })).rejects.toMatchObject({
      code: 'TRACE_LINE_INVALID',
      message: expect.stringContaining(`${path}, line 3: `),
    });
    expect(await read({ path, skipBadLines: true })).toMatchObject({ events: { length: 2 }, badLineCount: 1 });
  });

  it('may end its lines as Windows does, and its last line not at all', async () => {
    expect((await read({ path: written('a.jsonl', `${LINE}\r\n${LINE}`) })).events).toHaveLength(2);
  });

  it.each([
    ['plain', Buffer.from(`${LINE}\n`.repeat(1_000))],
    ['compressed', gzipSync(`${LINE}\n`.repeat(1_000))],
  ])('that is %s and endless is closed when its reader leaves', async (_how, chunk) => {
    const source = Readable.from(endless(chunk));
    const closed = new Promise((resolve) => source.once('close', resolve));
    for await (const event of openTraceFile({ path: '-', skipBadLines: false, standardInput: source })) {
      if (event.at === 1) break;
    }
    await closed;
    expect(source.destroyed).toBe(true);
  });

  it('with a line of 128 MB takes no memory for it', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const source = Readable.from([...Array.from({ length: 2_000 }, () => chunk), Buffer.from(`\n${LINE}`)]);
    expect(await read({ standardInput: source, skipBadLines: true })).toMatchObject({ badLineCount: 1 });
  });
});

function* endless(chunk: Buffer): Generator<Buffer> {
  for (;;) yield chunk;
}
