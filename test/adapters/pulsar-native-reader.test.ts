import type { NativeClient, NativeMessage, NativeReaderConfig } from '../../shared/adapters/pulsar-native-library';
import { type NativeReaderOptions, readNativePartition } from '../../shared/adapters/pulsar-native-reader';
import { nativeMessage, peerLibrary } from '../support/native-peer';

const at = (entryId: number) => ({ ledgerId: 7, entryId });
const REQUEST = { what: 'reader of t', url: 'pulsar://host:6650', deadlineMs: 40, topic: 't' };

/** A client whose readers show these messages, the first list to the first reader. */
function clientOf(shows: readonly (readonly NativeMessage[])[]) {
  const opened: string[] = [];
  let closedCount = 0;
  const createReader = async ({ startMessageId, listener }: NativeReaderConfig) => {
    const shown = shows[opened.length] ?? [];
    opened.push(startMessageId.toString());
    setImmediate(() => shown.forEach(listener));
    const close = async () => {
      closedCount += 1;
      return null;
    };
    return { close };
  };
  return { client: { createReader } as unknown as NativeClient, opened, closedCount: () => closedCount };
}

async function read(client: NativeClient, changes: Partial<NativeReaderOptions> = {}) {
  const options: NativeReaderOptions = {
    ...{ library: peerLibrary, client, request: REQUEST, address: 'persistent://n/t', partition: -1 },
    ...{ first: { position: 0, place: at(0), before: null }, tail: at(2) },
    ...changes,
  };
  const read: { readonly messageId: string; readonly position: number }[] = [];
  for await (const { entry } of readNativePartition(options)) {
    read.push({ messageId: entry.messageId, position: entry.position });
  }
  return read;
}

const WHOLE = [0, 1, 2].map((position) => ({ messageId: `7:${position}:-1`, position }));

describe('a reader over the native client', () => {
  it('gives each entry once, in order, up to the tail and not beyond', async () => {
    const { client, opened, closedCount } = clientOf([[0, 1, 0, 1, 2, 3].map((entry) => nativeMessage(entry))]);
    expect(await read(client)).toEqual(WHOLE);
    expect([opened, closedCount()]).toEqual([['earliest'], 1]);
  });

  it('begins again when the client has dropped the first entries', async () => {
    const { client, closedCount } = clientOf([
      [nativeMessage(1), nativeMessage(2)],
      [0, 1, 2].map((n) => nativeMessage(n)),
    ]);
    expect(await read(client)).toEqual(WHOLE);
    expect(closedCount()).toBe(2);
  });

  it('begins again when the client has dropped everything', async () => {
    const { client } = clientOf([[], [0, 1, 2].map((n) => nativeMessage(n))]);
    expect(await read(client, { request: { ...REQUEST, deadlineMs: 5_000 } })).toEqual(WHOLE);
  });

  it('reads on behind the entry before the last one, which shows that none is missing', async () => {
    const { client, opened } = clientOf([[1, 2].map((n) => nativeMessage(n))]);
    const first = { position: 1, place: at(1), before: at(0) };
    expect(await read(client, { first })).toEqual(WHOLE.slice(1));
    expect(opened).toEqual([Buffer.from([8, 7, 16, 0]).toString('hex')]);
  });

  it('opens nothing when there is nothing to read', async () => {
    const { client, opened } = clientOf([]);
    expect(await read(client, { first: { position: 3, place: at(3), before: at(2) } })).toEqual([]);
    expect(opened).toEqual([]);
  });

  it('does not wait for ever: for the first entry, for the next one', async () => {
    await expect(read(clientOf([]).client)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const silent = clientOf([[nativeMessage(0)]]);
    await expect(read(silent.client)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(silent.closedCount()).toBe(1);
  });

  it('says why it cannot be opened', async () => {
    const createReader = () => Promise.reject(new Error('Failed to create reader: TimeOut'));
    const client = { createReader } as unknown as NativeClient;
    await expect(read(client)).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });
});
