import { describeStore } from '../contract/store-contract';
import { openTestStore, passMs } from '../support/redis-bench';
import { describeRedis } from '../support/redis-server';

describeRedis('the contract of the store', (server) => {
  describeStore(
    'on Redis',
    async () => {
      const { store, keyPrefix, journalled } = await openTestStore(server().url);
      return {
        store,
        journal: async () => journalled,
        passMs: (ms) => passMs(server().url, keyPrefix, ms),
      };
    },
    { journals: true, expiry: 'coarse' },
  );
});
