/** The suite of the WebSocket API: what an admin takes away, and what is said where that cannot be. */
import { until } from '../support/until';
import { type ApiBench, numbersOf } from './api-bench';

export function describeRemovals(bench: ApiBench): void {
  const at = (rest: string): string => `/persistent/${bench.namespace}/${rest}`;

  describe('of what is there no more', () => {
    it.each([
      ['DELETE', 'none', 404, /Topic persistent:.*none not found/],
      ['DELETE', 'none/partitions', 404, /Topic persistent:.*none not found/],
      ['DELETE', 'none/subscription/s', 404, /Topic persistent:.*none not found/],
      ['DELETE', 't/subscription/none', 404, /Subscription none not found for topic persistent:/],
      ['POST', 'none/subscription/s/skip/1', 404, /Topic persistent:.*none not found/],
      ['POST', 't/subscription/none/skip/1', 404, /Subscription none not found for topic persistent:/],
      ['POST', 't/subscription/none/skip_all', 404, /Subscription none not found for topic persistent:/],
      ['POST', 't/subscription/s/skip/x', 404, /Not Found/],
      ['DELETE', 't/partitions', 409, /is a non-partitioned topic/],
    ])('%s %s is refused', async (method, rest, status, reason) => {
      expect(await bench.adminAnswer(method, at(rest))).toMatchObject({ status, page: expect.stringMatching(reason) });
    });

    it('a topic with partitions is deleted as one, and its messages are not skipped by number', async () => {
      expect(await bench.admin('PUT', at('p/partitions'), 2)).toBe(204);
      expect(await bench.admin('PUT', at('p/subscription/s'), 'earliest')).toBe(204);
      const [deletes, skips] = [['DELETE', at('p')] as const, ['POST', at('p/subscription/s/skip/1')] as const];
      const plain = { status: 409, page: expect.stringContaining('is a partitioned topic') };
      expect(await bench.adminAnswer(...deletes)).toMatchObject(plain);
      const skipped = { status: 405, page: expect.stringContaining('Skip messages on a partitioned topic') };
      expect(await bench.adminAnswer(...skips)).toMatchObject(skipped);
      expect(await bench.admin('POST', at('p/subscription/s/skip_all'))).toBe(204);
      expect(await bench.admin('DELETE', at('p/partitions'))).toBe(204);
      expect(await bench.admin('GET', at('p/stats'))).toBe(404);
    });
  });

  describe('what somebody uses', () => {
    it('is not deleted unless it is forced', async () => {
      await bench.connect('consumer', 't/s');
      const subscription = {
        status: 412,
        page: expect.stringContaining('Subscription has active connected consumers'),
      };
      expect(await bench.adminAnswer('DELETE', at('t/subscription/s'))).toMatchObject(subscription);
      const topic = {
        status: 412,
        page: expect.stringContaining('Topic has 1 client connected Including 1 consumers'),
      };
      expect(await bench.adminAnswer('DELETE', at('t'))).toMatchObject(topic);
      expect(await bench.admin('DELETE', `${at('t')}?force=true`)).toBe(204);
    });

    it('is deleted when nobody uses it any more', async () => {
      const consumer = await bench.connect('consumer', 't/s');
      await consumer.end();
      await until(
        'the subscription is free',
        async () => (await bench.admin('DELETE', at('t/subscription/s'))) === 204,
      );
      expect(await bench.backlog()).toBe(-1);
      expect(await bench.admin('DELETE', at('t'))).toBe(204);
      expect(await bench.admin('DELETE', at('t'))).toBe(404);
    });
  });

  describe('messages that are skipped', () => {
    it('count as acknowledged, from the first one that is not, and the rest is delivered', async () => {
      const ids = await bench.publish(5);
      const consumer = await bench.connect('consumer', 't/s?subscriptionType=Shared');
      await consumer.pushes(5);
      consumer.send({ messageId: ids[1] });
      await until('the backlog is 4', async () => (await bench.backlog()) === 4);
      await consumer.end();
      expect(await bench.admin('POST', at('t/subscription/s/skip/2'))).toBe(204);
      await until('the backlog is 2', async () => (await bench.backlog()) === 2);
      const next = await bench.connect('consumer', 't/s?subscriptionType=Shared');
      expect(numbersOf(await next.pushes(2))).toEqual([3, 4]);
      expect(await bench.admin('POST', at('t/subscription/s/skip_all'))).toBe(204);
      await until('the backlog is 0', async () => (await bench.backlog()) === 0);
    });
  });
}
