/** Defaults: what a scenario has when it says nothing, so that each file shows only what it is about. */
import type { Condition, Context, Floors } from '../model/plan';
import type { Expectation, Scenario } from '../model/scenario';

/** Floors of a run without faults. */
export const FLOORS: Floors = {
  consumerCountMin: 2,
  consumerShareMin: 0.05,
  contendedUserCountMin: 10,
  everyEventDelivered: true,
  appliedAroundFaultMin: 0,
  racedCommandCountMin: 0,
  writerDeathCountMin: 0,
  writerPauseCountMin: 0,
  relayDeathCountMin: 0,
  handoverCountMin: 0,
  unacknowledgedAtCrashMin: 0,
  redeliveriesPerCrashMin: 0,
};

/** Floors of a run with a crash. */
export const CRASH_FLOORS: Floors = {
  ...FLOORS,
  appliedAroundFaultMin: 100,
  unacknowledgedAtCrashMin: 1,
  redeliveriesPerCrashMin: 1,
};

/** Floors of a crash in a world of a handful of events. */
export const TINY_CRASH_FLOORS: Floors = {
  ...CRASH_FLOORS,
  contendedUserCountMin: 2,
  appliedAroundFaultMin: 1,
};

/** Every event type is listened to. */
export const WHOLE_CONTEXT: Context = { listensTo: null, unlistened: 'advance', identity: 'event' };

/** As in a service under load: most handlers are quick, some are not. */
export const SOME_SLOW: Scenario['plan']['slowHandlers'] = { oneIn: 32, ms: 2 };

/**
 * Three consumers that have work in hand at any moment. The load goes on until the faults of the plan are over, so the
 * workload is longer than any machine takes for them.
 */
export const BUSY_HANDS: Pick<Scenario['plan'], 'topology' | 'workload' | 'rate' | 'slowHandlers'> = {
  topology: { subscriptionType: 'key-shared', consumerCount: 3, partitionCount: 0, receiverQueueSize: 100 },
  workload: { kind: 'synthetic', users: 100, events: 100_000, skew: 'uniform' },
  rate: { perSecond: 200 },
  slowHandlers: { oneIn: 2, ms: 200 },
};

export const PLAN: Scenario['plan'] = {
  topology: { subscriptionType: 'key-shared', consumerCount: 2, partitionCount: 0, receiverQueueSize: 100 },
  strategy: 'version-next-repair',
  idempotencyKeys: true,
  markerTtlMs: null,
  onFailure: 'park',
  publishesResult: false,
  audit: true,
  context: WHOLE_CONTEXT,
  workload: { kind: 'synthetic', users: 100, events: 1_000, skew: 'zipf:1.1' },
  sendsInFlightMax: 100,
  rate: null,
  slowHandlers: null,
  faults: [],
  gates: [],
  claim: 'order+once',
  floors: FLOORS,
};

export const VALID: Expectation = { status: 'valid', roots: [], anyOf: [], also: [], absent: [], resultTopic: null };

export const INVALID: Expectation = { ...VALID, status: 'invalid' };

/** A condition that always holds; spread it and say what must hold besides. */
export const ALWAYS: Condition = { appliedCountMin: null, unacknowledgedCountMin: null, event: null };
