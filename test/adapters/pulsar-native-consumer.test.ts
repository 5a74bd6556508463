import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { encodeMessageId } from '../../shared/adapters/pulsar-message-id';
import { CLOSE_DEADLINE_MS } from '../../shared/adapters/pulsar-native-close';
import { PulsarNativeConsumer, queueSharesOf } from '../../shared/adapters/pulsar-native-consumer';
import { nativeMessage, PeerConsumer, peerLibrary } from '../support/native-peer';

const REQUEST = { what: 'consumer c1', url: 'pulsar://host:6650', deadlineMs: 10_000, topic: 't', subscription: 's' };

function consumer({ partitionCount = 0, aheadCount = 0, reconnectDeadlineMs = 60_000 } = {}) {
  const partitions = partitionCount === 0 ? [-1] : Array.from({ length: partitionCount }, (_, index) => index);
  const peers = partitions.map(() => new PeerConsumer());
  const port = new PulsarNativeConsumer({
    ...{ library: peerLibrary, consumerName: 'c1', request: REQUEST, aheadCount, reconnectDeadlineMs },
    lanes: peers.map((native, index) => ({ partition: partitions[index] ?? -1, native })),
  });
  const [peer = new PeerConsumer()] = peers;
  return { port, peer, peers };
}

const hexOf = (ledgerId: number, entryId: number, partition: number) =>
  Buffer.from(encodeMessageId({ ledgerId, entryId, partition }), 'base64').toString('hex');

describe('the queue of a consumer over the native client', () => {
  it('is divided without a rest, whatever its size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: 8 }), (size, partitionCount) => {
        const { clientCount, aheadCount } = queueSharesOf(size, partitionCount);
        expect(clientCount + aheadCount).toBe(size);
        expect(clientCount).toBeGreaterThanOrEqual(0);
        /** A batch that is larger than the client's queue would never be full. */
        if (aheadCount > 1) expect(aheadCount).toBeLessThanOrEqual(clientCount);
      }),
    );
    expect(queueSharesOf(0, 0)).toEqual({ clientCount: 0, aheadCount: 0 });
    expect(queueSharesOf(1_000, 0)).toEqual({ clientCount: 800, aheadCount: 200 });
  });
});

describe('a consumer over the native client', () => {
  it('asks for nothing before somebody waits', () => {
    expect(consumer().peer.asked).toEqual([]);
  });

  it('hands over what was published, under the id that everybody prints', async () => {
    const { port, peer } = consumer();
    const received = port.receive();
    await peer.answer([nativeMessage(5)]);
    expect(await received).toEqual({
      ...{ messageId: '7:5:-1', topic: 't', partition: -1, key: 'a', redeliveryCount: 0 },
      ...{ payload: Buffer.from([5]), properties: { text: '5' } },
    });
  });

  it('serves those who wait in their order, with one request at a time', async () => {
    const { port, peer } = consumer();
    const waiting = [port.receive(), port.receive()];
    await peer.answer([nativeMessage(1)]);
    await peer.answer([nativeMessage(2)]);
    expect((await Promise.all(waiting)).map((delivery) => delivery?.messageId)).toEqual(['7:1:-1', '7:2:-1']);
  });

  it('asks for batches while messages come, and waits for one when none came', async () => {
    const { port, peer } = consumer({ aheadCount: 8 });
    const first = port.receive();
    await peer.answer([nativeMessage(1)]);
    await first;
    const second = port.receive();
    await peer.answer([nativeMessage(2), nativeMessage(3)]);
    expect([(await second)?.messageId, (await port.receive())?.messageId]).toEqual(['7:2:-1', '7:3:-1']);
    const fourth = port.receive();
    await peer.answer([]);
    await peer.answer([nativeMessage(4)]);
    expect((await fourth)?.messageId).toBe('7:4:-1');
    expect(peer.asked).toEqual(['receive', 'batch', 'batch', 'receive']);
  });

  it('acknowledges and refuses at the partition of the message, whoever received it', async () => {
    const { port, peers } = consumer({ partitionCount: 2, aheadCount: 1 });
    await port.ack('300:4:1');
    await port.nack('300:5:0');
    expect(peers.map(({ told }) => told)).toEqual([[`nack ${hexOf(300, 5, 0)}`], [`ack ${hexOf(300, 4, 1)}`]]);
    await expect(port.ack('300:4:2')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(port.ack('300:4')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('asks all partitions for one who waits, and keeps what the others answer', async () => {
    const { port, peers } = consumer({ partitionCount: 2, aheadCount: 1 });
    const first = port.receive();
    await peers[1]?.answer([nativeMessage(1, '(7,1,1,-1)')]);
    await peers[0]?.answer([nativeMessage(2, '(8,2,0,-1)')]);
    expect([(await first)?.partition, (await port.receive())?.messageId]).toEqual([1, '8:2:0']);
  });

  it('refuses a message inside a batch aloud: acknowledging its entry would acknowledge its neighbours', async () => {
    const { port, peer } = consumer();
    const received = port.receive();
    await Promise.all([
      expect(received).rejects.toMatchObject({ code: 'MESSAGE_UNREADABLE' }),
      peer.answer([nativeMessage(1, '(7,1,-1,0)')]),
    ]);
  });

  it('answers null once it is closed', async () => {
    const { port, peer } = consumer();
    const waiting = port.receive();
    await port.close();
    await port.close();
    expect([await waiting, await port.receive()]).toEqual([null, null]);
    await expect(port.ack('1:0:-1')).rejects.toMatchObject({ code: 'PORT_CLOSED' });
    expect(peer.told).toEqual(['close']);
  });

  it('answers nothing at all once it is killed, and is closed for the broker', async () => {
    const { port, peer } = consumer();
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    void port.receive().finally(settle);
    await port.sever();
    for (const call of [port.receive(), port.ack('1:0:-1'), port.nack('1:0:-1'), port.close()])
      void call.finally(settle);
    await turn();
    expect(isSettled).toBe(false);
    expect(peer.told).toEqual(['close']);
  });

  it.each(['close', 'sever'] as const)(
    'is gone after %s only when the client has answered what waits: one that is closed before never does, and holds the process',
    async (way) => {
      const { port, peer } = consumer();
      void port.receive();
      let answer = (): void => {};
      peer.closes = new Promise((resolve) => {
        answer = resolve;
      });
      let isGone = false;
      const going = port[way]().then(() => {
        isGone = true;
      });
      await turn();
      await turn();
      expect({ isGone, told: peer.told }).toEqual({ isGone: false, told: ['close'] });
      answer();
      await going;
    },
  );

  it('is given up on when the client answers nothing', async () => {
    const { port, peer } = consumer();
    void port.receive();
    peer.closes = new Promise(() => {});
    jest.useFakeTimers();
    try {
      const closed = port.close();
      await jest.advanceTimersByTimeAsync(CLOSE_DEADLINE_MS);
      await closed;
    } finally {
      jest.useRealTimers();
    }
  });

  it('gives up on a connection that does not come back', async () => {
    jest.useFakeTimers();
    try {
      const { port, peer } = consumer({ reconnectDeadlineMs: 3_000 });
      const waiting = port.receive().catch((thrown: unknown) => thrown);
      jest.advanceTimersByTime(10_000);
      peer.connected = false;
      jest.advanceTimersByTime(2_000);
      peer.connected = true;
      jest.advanceTimersByTime(1_000);
      peer.connected = false;
      jest.advanceTimersByTime(4_000);
      expect(await waiting).toMatchObject({ code: 'BROKER_UNREACHABLE' });
      await expect(port.receive()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    } finally {
      jest.useRealTimers();
    }
  });
});
