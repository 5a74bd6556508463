/** Chaos plan: many kills in one run, each at a named point and a moment drawn from the seed. */
import type { Fault, Plan, Point } from '../shared/model/plan';
import type { StrategyName } from '../shared/model/strategy';
import { KEY_USE } from '../shared/model/strategy';
import type { Random } from '../shared/ports';
import { CRASH_FLOORS, PLAN } from '../shared/scenarios/defaults';

/** Events between two kills: room for the replacement to join and for the redeliveries to be seen. */
const EVENTS_PER_KILL = 250;

/** Between the delivery and the acknowledgement, around each step of every strategy. */
const KILL_POINTS: readonly Point[] = [
  'after:receive',
  'before:handle',
  'before:apply',
  'after:apply',
  'before:set-marker',
  'after:claim-marker',
  'before:ack',
];

/** The gap in which a design without a record must double its work. */
const EFFECT_TO_ACK: readonly Point[] = ['after:apply', 'before:ack'];

export interface ChaosOptions {
  readonly strategy: StrategyName;
  readonly seed: string;
  readonly kills: number;
  readonly consumers: number;
  /** Every kill falls between effect and acknowledgement: what the control must not survive. */
  readonly betweenEffectAndAck: boolean;
}

/** Users are few enough to be contended, kills far enough apart to be told from each other. */
export function chaosPlan(
  { strategy, seed, kills, consumers, betweenEffectAndAck }: ChaosOptions,
  random: Random,
): Plan {
  const points = betweenEffectAndAck ? EFFECT_TO_ACK : KILL_POINTS.filter((point) => isPassed(point, strategy));
  const faults = Array.from({ length: kills }, (_, index) =>
    killAfter(index, points, random.stream('kill', String(index))),
  );
  return {
    ...PLAN,
    scenario: 'chaos',
    seed,
    strategy,
    idempotencyKeys: KEY_USE[strategy] !== 'never',
    topology: { ...PLAN.topology, consumerCount: consumers, receiverQueueSize: 20 },
    workload: { kind: 'synthetic', users: 50, events: (kills + 1) * EVENTS_PER_KILL, skew: 'zipf:1.1' },
    faults,
    floors: CRASH_FLOORS,
  };
}

function killAfter(index: number, points: readonly Point[], random: Random): Fault {
  const at = points[random.below(points.length)] ?? 'before:ack';
  const appliedCountMin = index * EVENTS_PER_KILL + 100 + random.below(EVENTS_PER_KILL - 100);
  return { kind: 'crash', at, when: { appliedCountMin, unacknowledgedCountMin: 1, event: null }, replaced: true };
}

/** A point that the strategy never reaches would never strike. */
function isPassed(point: Point, strategy: StrategyName): boolean {
  if (point === 'before:set-marker') return strategy === 'check-act-mark';
  if (point === 'after:claim-marker') return strategy === 'claim-then-act';
  return true;
}
