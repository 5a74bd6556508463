/** H1: the run stayed below the floors of its plan, so that it could not have failed. */
import type { Floors } from '../model/plan';
import type { FloorReport } from '../model/verdict';
import type { ConsumerLedger } from './consumer-ledger';
import type { FloorLaw } from './law';
import type { Moment } from './moment';
import type { RunLedger } from './run-ledger';

/** A fault that struck, and what had been applied by then. */
interface Strike {
  /** The broker saw its consumer gone: crashed, or paused for so long that it was taken for dead. */
  readonly isDeath: boolean;
  readonly consumer: string | null;
  readonly appliedBefore: number;
}

/** What floors are measured by. */
interface Measures {
  /** First effects by consumer name: incarnations of one consumer count together. */
  readonly appliedBy: Map<string, number>;
  readonly strikes: Strike[];
  /** Planned faults that did not strike, in words. */
  readonly missed: string[];
}

const PLANNED_FAULTS = 'planned faults that struck';

export function vacuousRun(): FloorLaw {
  const measures: Measures = { appliedBy: new Map(), strikes: [], missed: [] };
  const floors = (run: RunLedger) => floorsOf(run, measures);
  return {
    ids: ['H1'],
    sees: ['effect', 'step', 'struck', 'missed'],
    observe: (moment, run) => measure(moment, run, measures),
    finish(run, report) {
      for (const unmet of floors(run).filter(({ holds }) => !holds))
        report({
          ...{ id: 'H1', user: null, sequence: null, isDefinite: true, how: unmet.name, events: [] },
          sentence: () => sentenceOf(unmet, measures),
        });
    },
    floors,
  };
}

function sentenceOf({ name, required, reached }: FloorReport, { missed }: Measures): string {
  if (name === PLANNED_FAULTS)
    return `${missed.length} of ${required} planned faults did not strike: ${[...new Set(missed)].join(', ')}`;
  return `${name}: ${reached}, and at least ${required} are needed for a verdict`;
}

function measure(moment: Moment, run: RunLedger, { appliedBy, strikes, missed }: Measures): void {
  if (moment.kind === 'missed') {
    const { fault, at } = moment.record;
    missed.push(at === null ? fault : `${fault} ${at}`);
    return;
  }
  if (moment.kind === 'struck') {
    const { fault, consumer } = moment.record;
    strikes.push({ isDeath: fault === 'crash' || fault === 'pause', consumer, appliedBefore: knownAppliedCount(run) });
    return;
  }
  const owner = ownerOfEffect(moment, run);
  /** The head audit applies too, and is no consumer. */
  if (owner !== null && run.consumers.has(owner)) appliedBy.set(nameOf(owner), (appliedBy.get(nameOf(owner)) ?? 0) + 1);
}

/** By the journal, or by the answers where a store lost its journal. It never falls: what is lost is applied again. */
function knownAppliedCount({ effectCount, appliedAnswerCount }: RunLedger): number {
  return Math.max(effectCount, appliedAnswerCount);
}

function ownerOfEffect(moment: Moment, run: RunLedger): string | null {
  if (moment.kind === 'effect') return moment.isFirst ? moment.record.owner : null;
  if (moment.kind !== 'step' || run.header.audit) return null;
  return moment.record.type === 'answered' && moment.record.outcome === 'applied' ? moment.record.consumer : null;
}

/** `c1#2` is the second life of c1. */
function nameOf(incarnation: string): string {
  return incarnation.replace(/#\d+$/, '');
}

/** Floors that ask for nothing are left out. */
function floorsOf(run: RunLedger, measures: Measures): readonly FloorReport[] {
  const { floors } = run.header;
  const logged = [...run.users.values()];
  const loggedCount = sum(logged.map((user) => user.logged.size));
  const deliveredCount = sum(logged.map((user) => user.logged.sizeOfIntersection(user.delivered)));
  const share = Math.round(floors.consumerShareMin * 100);
  return [
    floor(
      `consumers that each applied at least ${share} % of the events`,
      floors.consumerCountMin,
      busyConsumerCount(floors, measures, run.appliedCount),
    ),
    floor(
      'users with at least two events',
      floors.contendedUserCountMin,
      logged.filter((user) => user.logged.size >= 2).length,
    ),
    floor('events delivered', floors.everyEventDelivered ? Math.max(loggedCount, 1) : 0, deliveredCount),
    floor('commands that met another one', floors.racedCommandCountMin, run.racedCommands.racedCount),
    floor('writers that died with a command under way', floors.writerDeathCountMin, run.racedCommands.deathCount),
    floor('writers that stood still before an append', floors.writerPauseCountMin, run.writerPauseCount),
    floor('relays that died with events in hand', floors.relayDeathCountMin, run.relayDeathCount),
    floor('shards that another owner took over', floors.handoverCountMin, run.handoverCount),
    ...faultFloors(floors, run, measures),
  ].filter(({ required }) => required > 0);
}

/** A plan with a floor for faults has faults; when none struck, nothing was reached. */
function faultFloors(floors: Floors, run: RunLedger, { strikes, missed }: Measures): readonly FloorReport[] {
  const struck = strikes.filter(({ isDeath }) => isDeath).map(({ consumer }) => incarnationOf(consumer, run));
  const applied = knownAppliedCount(run);
  const around = strikes.map(({ appliedBefore }) => Math.min(appliedBefore, applied - appliedBefore));
  return [
    /** Asked for where one is missing: the others have floors of their own. */
    floor(PLANNED_FAULTS, missed.length === 0 ? 0 : strikes.length + missed.length, strikes.length),
    floor('events applied before and after each fault', floors.appliedAroundFaultMin, smallest(around)),
    floor(
      'deliveries unacknowledged when a consumer crashed or was paused',
      floors.unacknowledgedAtCrashMin,
      smallest(struck.map((consumer) => consumer?.unacknowledgedAtCrash ?? 0)),
    ),
    floor(
      'redeliveries caused by each crash or pause',
      floors.redeliveriesPerCrashMin,
      smallest(struck.map((consumer) => consumer?.takenOverCount ?? 0)),
    ),
  ];
}

function floor(name: string, required: number, reached: number): FloorReport {
  return { name, required, reached, holds: reached >= required };
}

function busyConsumerCount({ consumerShareMin }: Floors, { appliedBy }: Measures, appliedCount: number): number {
  return [...appliedBy.values()].filter((count) => count > 0 && count >= consumerShareMin * appliedCount).length;
}

function incarnationOf(name: string | null, run: RunLedger): ConsumerLedger | undefined {
  return name === null ? undefined : run.consumers.get(name);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Of nothing: 0. */
function smallest(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((least, number) => Math.min(least, number));
}
