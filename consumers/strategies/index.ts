/** The registry of strategies. */
import type { Strategy, StrategyName } from '../../shared/model/strategy';
import { ackFirst } from './ack-first';
import { atomicSetnx } from './atomic-setnx';
import { checkActMark } from './check-act-mark';
import { claimThenAct } from './claim-then-act';
import { noGuard } from './no-guard';
import { semanticGuard } from './semantic-guard';
import { versionNewer } from './version-newer';
import { versionNextPark } from './version-next-park';
import { versionNextRepair } from './version-next-repair';

/** Name → strategy. */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  'ack-first': ackFirst,
  'no-guard': noGuard,
  'check-act-mark': checkActMark,
  'claim-then-act': claimThenAct,
  'atomic-setnx': atomicSetnx,
  'version-newer': versionNewer,
  'version-next-park': versionNextPark,
  'version-next-repair': versionNextRepair,
  'semantic-guard': semanticGuard,
};
