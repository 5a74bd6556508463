import { setImmediate as turn } from 'node:timers/promises';
import { PulsarNativeProducer } from '../../shared/adapters/pulsar-native-producer';
import { SENDS_IN_FLIGHT_MAX, SENDS_WAITING_MAX } from '../../shared/adapters/pulsar-send-limits';
import { nativeId, PeerProducer } from '../support/native-peer';

const OPTIONS = { what: 'producer p of t', url: 'pulsar://host:6650', topic: 't', sendDeadlineMs: 30_000 };
const message = (key: string) => ({ key, payload: new Uint8Array([1, 2]), properties: { text: key } });

function producer() {
  const native = new PeerProducer();
  return { native, port: new PulsarNativeProducer(native, OPTIONS) };
}

const outcomesOf = async (sends: readonly Promise<string>[]) =>
  (await Promise.allSettled(sends)).map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code));

describe('a producer over the native client', () => {
  it('sends bytes, key and properties, and answers with the id that everybody prints', async () => {
    const { native, port } = producer();
    const sent = port.send({ key: 'a', payload: new Uint8Array([9, 1, 2]).subarray(1), properties: { text: 'x' } });
    native.pending[0]?.resolve(nativeId('(3,4,-1,-1)'));
    expect(await sent).toBe('3:4:-1');
    expect(native.sent).toEqual([{ data: Buffer.from([1, 2]), partitionKey: 'a', properties: { text: 'x' } }]);
    expect(Buffer.isBuffer(native.sent[0]?.data)).toBe(true);
  });

  it('has no more sends under way than it may, and keeps their order', async () => {
    const { native, port } = producer();
    const sends = Array.from({ length: SENDS_IN_FLIGHT_MAX + 2 }, (_, index) => port.send(message(`k${index}`)));
    expect(native.sent).toHaveLength(SENDS_IN_FLIGHT_MAX);
    native.pending[0]?.resolve(nativeId('(1,0,-1,-1)'));
    await sends[0];
    await turn();
    expect(native.sent.map(({ partitionKey }) => partitionKey)).toEqual(
      Array.from({ length: SENDS_IN_FLIGHT_MAX + 1 }, (_, index) => `k${index}`),
    );
    void Promise.allSettled(sends);
    await port.close();
  });

  it('refuses to let more wait than it can hold', async () => {
    const { port } = producer();
    const sends = Array.from({ length: SENDS_IN_FLIGHT_MAX + SENDS_WAITING_MAX }, () => port.send(message('a')));
    await expect(port.send(message('a'))).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    const outcomes = outcomesOf(sends);
    await port.close();
    expect(new Set(await outcomes)).toEqual(new Set(['CONNECTION_LOST', 'BROKER_UNREACHABLE']));
  });

  it('lets nothing overtake what failed: what waits fails too, and nothing is accepted before all have heard of it', async () => {
    const { native, port } = producer();
    const sends = Array.from({ length: SENDS_IN_FLIGHT_MAX + 1 }, (_, index) => port.send(message(`k${index}`)));
    const outcomes = outcomesOf(sends);
    const [first, ...others] = native.pending.splice(0);
    first?.reject(new Error('Failed to send message: TimeOut'));
    await turn();
    await expect(port.send(message('late'))).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE', outcome: 'definite' });
    for (const { resolve } of others) resolve(nativeId('(1,1,-1,-1)'));
    const [timedOut, stored] = await outcomes;
    expect([timedOut, stored, (await outcomes).at(-1)]).toEqual(['DEADLINE_EXCEEDED', '1:1:-1', 'BROKER_UNREACHABLE']);
    expect(native.sent).toHaveLength(SENDS_IN_FLIGHT_MAX);
    await turn();
    const again = port.send(message('again'));
    expect(native.sent.at(-1)?.partitionKey).toBe('again');
    native.pending.at(-1)?.resolve(nativeId('(1,2,-1,-1)'));
    expect(await again).toBe('1:2:-1');
  });

  it('does not know what became of a send that was under way when it was closed', async () => {
    const { port } = producer();
    const outcome = port.send(message('a')).catch((thrown: unknown) => thrown);
    await port.close();
    expect(await outcome).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' });
    await expect(port.send(message('a'))).rejects.toMatchObject({ code: 'PORT_CLOSED' });
  });

  it.each([
    ['a zero character in the key', { ...message('a'), key: 'a\0b' }],
    ['a zero character in a property', { ...message('a'), properties: { text: '\0' } }],
    ['a property that is called length', { ...message('a'), properties: { length: '1' } }],
  ])('refuses what the client would damage: %s', async (_what, damaged) => {
    const { native, port } = producer();
    await expect(port.send(damaged)).rejects.toMatchObject({ code: 'USAGE' });
    expect(native.sent).toEqual([]);
  });
});
