/**
 * The two plans of the live page: one load, a Shared subscription with a consumer that checks nothing beside a
 * Key_Shared one with the reference strategy. Slow enough to be watched.
 */
import type { ListedEvent, Plan } from '../../shared/model/plan';
import { FLOORS, PLAN } from '../../shared/scenarios/defaults';
import { fourEvents, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from '../../shared/scenarios/few-users';

export interface LiveChoice {
  readonly seed: string;
  /** Events per second, on each side. */
  readonly rate: number;
  readonly durationS: number;
  readonly consumerCount: number;
}

/** Events per second that can still be watched. */
export const LIVE_RATE_MAX = 200;
export const LIVE_DURATION_S_MAX = 3_600;

/** Each at the place of a later glance: few enough for a lane each. */
const USERS: readonly string[] = [ON_FIRST_CONSUMER, ON_SECOND_CONSUMER, 'cleo', 'dan', 'eva', 'finn', 'gus'];
/** So many events of one user come in a row: on Shared they go to several consumers at once. */
const ROW_LENGTH = 2;
/** Half of the handlers take so long. Several events of a user are then in work, where the subscription allows it. */
const SLOW_HALF = { oneIn: 2, ms: 700 } as const;
/** As a consumer of a real service, which takes what it can work on and not the whole topic. */
const RECEIVER_QUEUE_SIZE = 100;

export function livePlans(choice: LiveChoice): readonly [shared: Plan, keyShared: Plan] {
  const { seed, rate, durationS, consumerCount } = choice;
  const base: Omit<Plan, 'topology'> = {
    ...PLAN,
    ...{ scenario: 'live', seed, workload: { kind: 'listed', events: liveEvents(Math.round(rate * durationS)) } },
    ...{ sendsInFlightMax: 1, rate: { perSecond: rate }, slowHandlers: SLOW_HALF },
    floors: { ...FLOORS, contendedUserCountMin: 1, consumerShareMin: 0.01 },
  };
  const topology = { consumerCount, partitionCount: 0, receiverQueueSize: RECEIVER_QUEUE_SIZE };
  return [
    {
      ...base,
      topology: { ...topology, subscriptionType: 'shared' },
      ...{ strategy: 'no-guard', idempotencyKeys: false },
      /** The first four events show what the rest shows at random: 2, 1, 4, 3. */
      gates: [2, 1, 4, 3].map((sequence) => ({ user: ON_FIRST_CONSUMER, sequence })),
    },
    { ...base, topology: { ...topology, subscriptionType: 'key-shared' } },
  ];
}

/** The first user's first four alone; then everybody in turn, a short row at a time. */
function liveEvents(count: number): readonly ListedEvent[] {
  const opening = fourEvents(ON_FIRST_CONSUMER);
  const rows = Array.from({ length: Math.ceil(Math.max(0, count - opening.length) / ROW_LENGTH) }, (_, index) =>
    rowOf(USERS[(index + 1) % USERS.length] ?? ON_FIRST_CONSUMER, index),
  );
  return [...opening, ...rows.flat()].slice(0, Math.max(count, opening.length));
}

function rowOf(user: string, index: number): readonly ListedEvent[] {
  const isFirst = index < USERS.length - 1;
  if (isFirst) return fourEvents(user).slice(0, ROW_LENGTH);
  return Array.from({ length: ROW_LENGTH }, (): ListedEvent => ({ user, type: 'UserCredited', data: { amount: 1 } }));
}
