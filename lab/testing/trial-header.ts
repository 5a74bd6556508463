/** The header of a history of the kit: what a consumer that is seen from outside is held to. */
import { createHash } from 'node:crypto';
import type { Guarantees, Standing } from '../../shared/model/guarantee';
import { guaranteesOf } from '../../shared/model/guarantee';
import { type HeaderBody, HISTORY_FORMAT } from '../../shared/model/history';
import type { Claim } from '../../shared/model/plan';
import type { SubscriptionType } from '../../shared/model/subscription';
import { FLOORS, WHOLE_CONTEXT } from '../../shared/scenarios/defaults';
import { installation } from '../installation';
import { fullTopicName } from './client/cluster';
import type { TrialPlan } from './trial-plan';

const CLAIM: Claim = 'order+once';

/** The parts of a plan that a header speaks of. */
export type HeaderPlan = Omit<TrialPlan<unknown>, 'effects' | 'makeEvent'>;

export interface TrialFacts {
  readonly subscriptionType: SubscriptionType;
  /** in-process: deliveries are seen. processes: they are not, and the machine's clock orders the records. */
  readonly seen: 'in-process' | 'processes';
}

export function headerOf(plan: HeaderPlan, { subscriptionType, seen }: TrialFacts): HeaderBody {
  const { seed, consumers: consumerCount, partitions: partitionCount } = plan;
  return {
    ...{ stream: 'Run', type: 'header', format: HISTORY_FORMAT, scenario: 'kit', seed, planHash: planHash(plan) },
    ...{ topic: fullTopicName(plan.topic), resultTopic: null, strategy: 'foreign', claim: CLAIM },
    topology: { subscriptionType, consumerCount, partitionCount, receiverQueueSize: 1000 },
    guarantees: guaranteesFor(plan, seen),
    floors: {
      ...FLOORS,
      consumerCountMin: 0,
      contendedUserCountMin: Math.min(2, plan.users),
      everyEventDelivered: seen === 'in-process',
    },
    context: WHOLE_CONTEXT,
    ...{ idempotencyKeys: false, audit: plan.journal !== null, acknowledgements: 'sent' },
    ...(seen === 'processes'
      ? { orderedBy: 'clock', clockErrorMs: CLOCK_ERROR_MS }
      : { orderedBy: 'counter', clockErrorMs: 0 }),
    versions: installation.versions,
  };
}

const CLOCK_ERROR_MS = 5;

/**
 * Order and exclusive ownership are forbidden to be broken whatever the subscription promises: that is the question. A
 * negative acknowledgement lets successors overtake by contract, so under a storm deliveries prove nothing about order.
 */
function guaranteesFor(plan: HeaderPlan, seen: TrialFacts['seen']): Guarantees {
  const { journal, faults } = plan;
  const topology = {
    subscriptionType: 'key-shared',
    consumerCount: 1,
    partitionCount: 0,
    receiverQueueSize: 1,
  } as const;
  const promising = { claim: CLAIM, topology, strategy: 'no-guard', idempotencyKeys: false } as const;
  const hasStorm = faults.some(({ kind }) => kind === 'nack-storm');
  const deliveries: Standing = seen === 'processes' ? 'not-applicable' : hasStorm ? 'measured' : 'forbidden';
  return {
    ...guaranteesOf({ ...promising, audit: journal !== null, onFailure: 'park', resultTopic: false }),
    ...{ D3: deliveries, D5: deliveries, D6: deliveries },
    ...(seen === 'processes' ? { D1: 'not-applicable', D4: 'not-applicable' } : { D1: 'forbidden', D4: 'measured' }),
    /** Seen from outside: neither answers of a store nor keys nor begins and ends of handlers. */
    ...{ X8: 'not-applicable', X16: 'not-applicable', X18: 'not-applicable' },
  };
}

/** Of everything that is data. */
function planHash(plan: HeaderPlan): string {
  const data = JSON.stringify(plan, (_name, value: unknown) => (typeof value === 'function' ? 'function' : value));
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}
