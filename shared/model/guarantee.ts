/** Guarantees: what a claim, a topology and a strategy say about each anomaly class. */
import type { AnomalyId } from './anomaly';
import type { Claim, Fault, Plan } from './plan';
import type { StrategyName } from './strategy';
import type { SubscriptionType } from './subscription';

/**
 * forbidden: one occurrence makes the run invalid. allowed: counted, by contract harmless here.
 * measured: counted, no promise either way. not-applicable: the class cannot be judged in this run.
 */
export type Standing = 'forbidden' | 'allowed' | 'measured' | 'not-applicable';

export type Guarantees = Readonly<Record<AnomalyId, Standing>>;

/** What decides about guarantees: the parts of a plan that promise something. */
export type Promising = Pick<Plan, 'claim' | 'topology' | 'strategy' | 'idempotencyKeys' | 'audit' | 'onFailure'> & {
  /** Results are published to a derived topic. */
  readonly resultTopic: boolean;
  /** Events come from commands, which writers decide. Default: false. */
  readonly hasWriters?: boolean;
  /** Default: none. */
  readonly faults?: Plan['faults'];
};

type Standings = Readonly<Partial<Record<AnomalyId, Standing>>>;

/** Under no claim nothing is forbidden. The checker's own honesty (H) is never forbidden: it makes a run unknown. */
const MEASURED: Guarantees = {
  ...{ W1: 'measured', W2: 'measured', W3: 'measured', W4: 'measured', W5: 'measured' },
  ...{ W6: 'measured', W7: 'measured' },
  ...{
    W8: 'measured',
    W9: 'measured',
    W10: 'measured',
    W11: 'measured',
    W12: 'measured',
    W14: 'measured',
    W15: 'measured',
    W16: 'measured',
    R2: 'measured',
  },
  ...{ D1: 'measured', D2: 'allowed', D3: 'measured', D4: 'measured', D5: 'measured', D6: 'measured' },
  ...{ X1: 'measured', X2: 'measured', X3: 'measured', X4: 'measured', X5: 'measured', X6: 'measured' },
  ...{ X8: 'measured', X9: 'measured', X10: 'measured', X16: 'measured', X18: 'measured', X21: 'measured' },
  ...{ H1: 'measured', H3: 'measured', H5: 'measured' },
};

/**
 * What only commands, appends and reads show. Where events come from a workload, nobody decides and nobody can be wrong.
 */
const NEEDS_WRITERS: Standings = {
  ...{ W1: 'not-applicable', W2: 'not-applicable', W3: 'not-applicable', W7: 'not-applicable' },
  ...{
    W11: 'not-applicable',
    W12: 'not-applicable',
    W14: 'not-applicable',
    W15: 'not-applicable',
    W16: 'not-applicable',
  },
  R2: 'not-applicable',
};

/** What every claim that promises one effect an event forbids, whatever topology and strategy. */
const ONCE: Standings = {
  ...{
    W1: 'forbidden',
    W2: 'forbidden',
    W3: 'forbidden',
    W5: 'forbidden',
    W6: 'forbidden',
    W7: 'forbidden',
    W8: 'forbidden',
    W9: 'forbidden',
  },
  ...{ W11: 'forbidden', W12: 'forbidden', W14: 'forbidden', W15: 'forbidden', W16: 'forbidden', R2: 'forbidden' },
  ...{ D1: 'forbidden', D4: 'forbidden' },
  ...{ X1: 'forbidden', X2: 'forbidden', X6: 'forbidden', X18: 'forbidden', X16: 'forbidden', X21: 'forbidden' },
};

const BY_CLAIM: Readonly<Record<Claim, Standings>> = {
  'order+once': { ...ONCE, X3: 'forbidden', X4: 'forbidden', X5: 'forbidden' },
  once: { ...ONCE, X3: 'allowed', X4: 'allowed', X5: 'allowed' },
  none: {},
};

/**
 * Order and ownership, where a claim is made (anomalies 10). Shared promises neither. At a Failover switch the old holder
 * may still be working (Pulsar #749), so two holders are counted there.
 */
const BY_TOPOLOGY: Readonly<Record<SubscriptionType, Standings>> = {
  exclusive: { D3: 'forbidden', D5: 'forbidden', X8: 'forbidden' },
  failover: { D3: 'forbidden' },
  'key-shared': { W10: 'forbidden', D3: 'forbidden', D5: 'forbidden', X8: 'forbidden' },
  shared: {},
};

/** Acknowledging first is what `ack-first` teaches; what it costs is an X1. */
const BY_STRATEGY: Readonly<Partial<Record<StrategyName, Standings>>> = {
  'ack-first': { X16: 'measured' },
};

/** Strategies that use idempotency keys whether or not they are asked to. */
const USES_KEYS: readonly StrategyName[] = ['check-act-mark', 'claim-then-act', 'atomic-setnx'];

/** Classes that only the journal of effects shows. Hazards of keys are among them: they ask whether an effect exists. */
const NEEDS_AUDIT: Standings = {
  ...{ X1: 'not-applicable', X2: 'not-applicable', X3: 'not-applicable', X4: 'not-applicable' },
  ...{ X5: 'not-applicable', X6: 'not-applicable', X8: 'not-applicable' },
  ...{ X9: 'not-applicable', X10: 'not-applicable' },
};

/** The standing of every class. Later lines overrule earlier ones: what cannot be judged is not forbidden. */
export function guaranteesOf(promising: Promising): Guarantees {
  const { claim, topology, strategy, audit, resultTopic } = promising;
  const isClaimed = claim !== 'none';
  return {
    ...MEASURED,
    ...BY_CLAIM[claim],
    ...(isClaimed ? BY_TOPOLOGY[topology.subscriptionType] : {}),
    ...(isClaimed ? BY_STRATEGY[strategy] : {}),
    ...byFailure(promising),
    ...byFaults(promising),
    ...(topology.subscriptionType === 'shared' ? { D5: 'not-applicable' } : {}),
    ...(topology.subscriptionType === 'key-shared' ? {} : { W10: 'not-applicable' }),
    ...byKeys(promising),
    ...(resultTopic ? {} : { X21: 'not-applicable' }),
    ...(promising.hasWriters === true ? {} : NEEDS_WRITERS),
    ...(audit ? {} : NEEDS_AUDIT),
  };
}

/** A negative acknowledgement lets successors overtake by contract (PIP-379): that is asked for, not a broker's fault. */
function byFailure({ onFailure }: Promising): Standings {
  return onFailure === 'nack' ? { D3: 'measured', D6: 'allowed' } : {};
}

/**
 * After these an old holder works on while the broker has given its messages to others: a zombie does not know, and a
 * broker that gave its topic up has forgotten who held what. So two holders and two handlers at once are counted.
 */
const LEAVES_OLD_HOLDERS: readonly Fault['kind'][] = ['pause', 'unload', 'broker-restart', 'broker-kill'];

function byFaults({ faults = [] }: Promising): Standings {
  return faults.some(({ kind }) => LEAVES_OLD_HOLDERS.includes(kind)) ? { D5: 'measured', X8: 'measured' } : {};
}

/**
 * Without keys there is nothing to disagree with. A time to live excuses nothing: a key that expired before its event
 * came again is how a window of deduplication lets a duplicate through.
 */
function byKeys({ idempotencyKeys, strategy }: Promising): Standings {
  if (idempotencyKeys || USES_KEYS.includes(strategy)) return {};
  return { X9: 'not-applicable', X10: 'not-applicable' };
}

/** Ways in which a forbidden class may come about all the same, by claim: `once` promises no order of results. */
export const EXCUSED_HOW: Readonly<Record<Claim, Readonly<Partial<Record<AnomalyId, readonly string[]>>>>> = {
  'order+once': {},
  once: { X21: ['order'] },
  none: {},
};
