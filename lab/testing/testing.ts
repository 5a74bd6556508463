/** `orderlab/testing`: what tests import. The matchers are added to a global `expect` when there is one. */
import { addMatchers } from './matchers';

export { assertAppliedExactlyOnce, assertNothingLost, assertOrderPerUser } from './assertions';
export { type CompetingOptions, competing } from './competing';
export {
  brokerRestart,
  joinOne,
  killOne,
  leaveOne,
  nackStorm,
  pauseOne,
  redeliver,
  slowConsumer,
} from './fault';
export type { KitRun } from './kit-run';
export { matchers } from './matchers';
export { hasRedis, startRedis, type TestRedis } from './redis-server';
export { describeWithRedis, type RedisSuiteOptions } from './redis-suite';
export type { Effects, Life } from './trial-plan';

declare global {
  namespace jest {
    /** As @types/jest names its parameters, or the two would not merge. */
    interface Matchers<R, T> {
      /** Each user's events were worked off one after the other, in the order of the log. */
      toKeepOrderPerUser(): R;
      /** Each user's end state is the fold of its events. */
      toApplyExactlyOnce(): R;
      /** The same with end states that are read now: await it. */
      toApplyExactlyOnce(effects: import('./trial-plan').Effects<never>): Promise<R>;
      /** Every event was delivered and acknowledged and, where end states are read, none is missing from them. */
      toLoseNothing(): R;
    }
  }
}

addMatchers();
