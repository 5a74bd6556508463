import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { subscribePatiently } from '../../lab/patient-subscription';
import { type ErrorCode, OrderlabError } from '../../shared/errors';
import type { SubscribeOptions } from '../../shared/model/subscription';
import type { Broker, Consumer } from '../../shared/ports';

const OPTIONS: SubscribeOptions = {
  ...{ topic: 'users', subscription: 'projector', consumerName: 'c1', receiverQueueSize: 1 },
  type: 'exclusive',
};

/** Joins through a broker that refuses until a time, and tells when it was let in. */
async function joinedAt(freeAtMs: number, code: ErrorCode): Promise<number> {
  const clock = openVirtualClock();
  const consumer = {} as Consumer;
  const subscribe = async (): Promise<Consumer> => {
    if (clock.nowMs() < freeAtMs) throw new OrderlabError(code, { problem: 'Exclusive consumer is already connected' });
    return consumer;
  };
  expect(await clock.run(subscribePatiently({ subscribe } as unknown as Broker, OPTIONS, clock))).toBe(consumer);
  return clock.nowMs();
}

describe('a replacement', () => {
  it('joins when the broker has noticed the death before it', async () => {
    expect(await joinedAt(1_000, 'CONSUMER_BUSY')).toBe(1_000);
  });

  it('that comes to a free place joins at once', async () => {
    expect(await joinedAt(0, 'CONSUMER_BUSY')).toBe(0);
  });

  it('gives up on a place that stays taken, with what the broker said', async () => {
    await expect(joinedAt(60_000, 'CONSUMER_BUSY')).rejects.toMatchObject({ code: 'CONSUMER_BUSY' });
  });

  it('waits for nothing else', async () => {
    await expect(joinedAt(50, 'SUBSCRIPTION_NOT_FOUND')).rejects.toMatchObject({ code: 'SUBSCRIPTION_NOT_FOUND' });
  });
});
