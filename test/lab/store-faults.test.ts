/** The store that a plan's faults can be done to: who makes it, and what is refused. */
import { createServer } from 'node:net';
import { onBreakableStore } from '../../lab/store-faults';
import { cornerOf, type Place } from '../../lab/world';
import type { Fault, Plan } from '../../shared/model/plan';
import { ALWAYS, PLAN } from '../../shared/scenarios/defaults';

const REPLY_LOST: Fault = { kind: 'store-reply-lost', when: ALWAYS, outcome: 'applied', times: 1 };
const JOIN: Fault = { kind: 'join', when: ALWAYS };

function planWith(...faults: readonly Fault[]): Plan {
  return { ...PLAN, scenario: 'ad-hoc', seed: '1', faults };
}

function placeAt(storeUrl: string): Place {
  return { brokerUrl: 'embedded:', storeUrl, adminUrl: null, ...cornerOf('run-1') };
}

describe('a store that can be broken', () => {
  it.each([
    ['the plan does nothing to it', 'redis://db.example', JOIN],
    ['it is in this process', 'embedded:', REPLY_LOST],
  ])('is the one that was named where %s', async (_where, url, fault) => {
    const given = await onBreakableStore(placeAt(url), planWith(fault), async (place, faults) => ({ place, faults }));
    expect(given).toEqual({ place: placeAt(url), faults: null });
  });

  it('whose replies are lost is behind a proxy, with the same user, password and database', async () => {
    const url = 'redis://me:a%2Fsecret@127.0.0.1:1/3';
    const reached = await onBreakableStore(placeAt(url), planWith(REPLY_LOST), async ({ storeUrl }, faults) => {
      expect(faults).not.toBeNull();
      return storeUrl;
    });
    expect(reached).toMatch(/^redis:\/\/me:a%2Fsecret@127\.0\.0\.1:\d+\/3$/);
    expect(reached).not.toContain(':1/');
  });

  it('leaves no proxy behind, whether the work succeeds or fails', async () => {
    let port = 0;
    const work = onBreakableStore(placeAt('redis://127.0.0.1:1'), planWith(REPLY_LOST), async ({ storeUrl }) => {
      port = Number(new URL(storeUrl).port);
      throw new Error('the run failed');
    });
    await expect(work).rejects.toThrow('the run failed');
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    server.close();
  });

  it.each([
    ['encrypted', 'rediss://127.0.0.1:6379', /encrypted/],
    ['no address', 'redis', /--store is no address/],
  ])('is refused as usage where it is %s', async (_what, url, sentence) => {
    const work = onBreakableStore(placeAt(url), planWith(REPLY_LOST), async () => 'ran');
    await expect(work).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(sentence) });
  });
});
