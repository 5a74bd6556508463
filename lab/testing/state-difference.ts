/**
 * Differences between the end state that a consumer left and the fold of the user's events, with what would explain them:
 * one event lost, applied twice, or applied in another place. What cannot be explained by one event is said to differ.
 */
import { isDeepStrictEqual } from 'node:util';

/** One event of the user, in the order of the log. */
export interface FoldedEvent {
  readonly sequence: number;
  readonly event: unknown;
  /** It was delivered more than once, so that a repeat is likely to be this one. */
  readonly cameAgain: boolean;
}

export type Fold = (state: unknown, event: unknown) => unknown;

export interface StateDifference {
  readonly kind: 'lost' | 'twice' | 'moved' | 'unexplained';
  readonly user: string;
  /** The events that take part; empty where nothing explains it. */
  readonly sequences: readonly number[];
  /** One sentence with the values in it. */
  readonly sentence: string;
}

interface Explanation {
  readonly kind: StateDifference['kind'];
  readonly sequences: readonly number[];
  readonly words: string;
}

/** Above this many events only losses and repeats are tried: moves grow with the square. */
const MOVED_EVENT_COUNT_MAX = 60;

/** null: the state is the fold. */
export function differenceOf(
  user: string,
  events: readonly FoldedEvent[],
  fold: Fold,
  actual: unknown,
): StateDifference | null {
  const expected = foldAll(events, fold);
  if (isSame(expected, actual)) return null;
  const { kind, sequences, words } = explanationOf(events, fold, actual);
  const values = `read ${shown(actual)}, the events give ${shown(comparable(expected))}`;
  return { kind, user, sequences, sentence: `${user}: ${words} (${values})` };
}

function explanationOf(events: readonly FoldedEvent[], fold: Fold, actual: unknown): Explanation {
  for (const { order, explanation } of candidates(events)) if (isSame(foldAll(order, fold), actual)) return explanation;
  return { kind: 'unexplained', sequences: [], words: 'the state differs, and by more than one event' };
}

interface Candidate {
  /** The events as they would have been applied. */
  readonly order: readonly FoldedEvent[];
  readonly explanation: Explanation;
}

/** Likely ones first: what came again was applied twice sooner than what did not. */
function* candidates(events: readonly FoldedEvent[]): Generator<Candidate> {
  const likely = [...events.keys()].sort(
    (left, right) => Number(events[right]?.cameAgain) - Number(events[left]?.cameAgain),
  );
  for (const index of likely) if (events[index]?.cameAgain === true) yield* repeats(events, index);
  for (const index of events.keys()) yield loss(events, index);
  for (const index of likely) if (events[index]?.cameAgain === false) yield* repeats(events, index);
  for (let count = 2; count <= events.length; count += 1) yield lostTail(events, count);
  if (events.length <= MOVED_EVENT_COUNT_MAX) yield* moves(events);
}

function* repeats(events: readonly FoldedEvent[], index: number): Generator<Candidate> {
  const event = events[index];
  if (event === undefined) return;
  const { sequence } = event;
  for (const place of new Set([index + 1, events.length])) {
    const words = `as if #${sequence} had been applied twice`;
    yield { order: events.toSpliced(place, 0, event), explanation: { kind: 'twice', sequences: [sequence], words } };
  }
}

function loss(events: readonly FoldedEvent[], index: number): Candidate {
  const sequence = events[index]?.sequence ?? 0;
  const words = `as if #${sequence} had never been applied`;
  return { order: events.toSpliced(index, 1), explanation: { kind: 'lost', sequences: [sequence], words } };
}

function lostTail(events: readonly FoldedEvent[], count: number): Candidate {
  const lost = events.slice(-count).map(({ sequence }) => sequence);
  const words = `as if #${lost[0]} to #${lost.at(-1)} had never been applied`;
  return { order: events.slice(0, -count), explanation: { kind: 'lost', sequences: lost, words } };
}

function* moves(events: readonly FoldedEvent[]): Generator<Candidate> {
  for (const [from, event] of events.entries()) {
    for (let to = from + 1; to < events.length; to += 1) {
      const other = events[to]?.sequence ?? 0;
      const words = `as if #${event.sequence} had been applied after #${other}`;
      const order = events.toSpliced(from, 1).toSpliced(to, 0, event);
      yield { order, explanation: { kind: 'moved', sequences: [other, event.sequence], words } };
    }
  }
}

function foldAll(events: readonly FoldedEvent[], fold: Fold): unknown {
  return events.reduce<unknown>((state, { event }) => fold(state, event), undefined);
}

/**
 * Values are compared as text, since a Redis hash holds nothing else: 5 equals '5'. Of an object only the fields that
 * the fold speaks of count, so that a consumer may keep records of its own beside them.
 */
function isSame(expected: unknown, actual: unknown): boolean {
  const [left, right] = [comparable(expected), comparable(actual)];
  return isDeepStrictEqual(left, isRecord(left) && isRecord(right) ? onlyFieldsOf(left, right) : right);
}

function comparable(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(comparable);
  if (value instanceof Map) return comparable(Object.fromEntries(value));
  if (typeof value !== 'object') return String(value as string | number | boolean | bigint);
  const entries = Object.entries(value).flatMap(([name, each]) => {
    const own = comparable(each);
    return own === null ? [] : [[name, own] as const];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function onlyFieldsOf(wanted: object, value: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.keys(wanted).flatMap((name) => (name in value ? [[name, value[name]]] : [])));
}

const SHOWN_LENGTH_MAX = 120;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}
