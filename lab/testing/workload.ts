/** Workloads of the kit: what is published, in what order, and under which names the history knows it. */
import { syntheticDraft } from '../../producers/synthetic';
import { expandWorkload } from '../../producers/workload';
import { seededIds } from '../../shared/adapters/seeded-random';
import { OrderlabError } from '../../shared/errors';
import { SCHEMA_VERSION, type UserEvent } from '../../shared/model/event';
import type { Random } from '../../shared/ports';
import { digestOf, encodeEvent } from '../../shared/wire';
import { openTrace } from '../trace-source';

/** What the team's own factory makes of one event: it is published with the user as its key. */
export type EventFactory<Event> = (place: EventPlace) => Event;

export interface EventPlace {
  readonly user: string;
  /** From 1, dense. */
  readonly sequence: number;
  /** Unique in the run. */
  readonly id: string;
  /** 0 ≤ result < bound; the same for the same seed. */
  readonly below: (bound: number) => number;
}

/** One event to publish. */
export interface Stock<Event> {
  readonly user: string;
  readonly sequence: number;
  readonly id: string;
  /** What `fold` gets. */
  readonly event: Event;
  readonly payload: Buffer;
  readonly digest: number;
  /** What the history logs. */
  readonly logged: UserEvent;
}

export interface WorkloadChoice<Event> {
  readonly users: number;
  readonly eventsPerUser: number;
  readonly makeEvent: EventFactory<Event> | null;
  /** The name of a bundled trace, or a file's path; null: none. */
  readonly trace: string | null;
}

export async function stockOf<Event>(choice: WorkloadChoice<Event>, random: Random): Promise<readonly Stock<Event>[]> {
  if (choice.trace !== null) return ofTrace(choice, choice.trace, random);
  const ids = seededIds(random.stream('ids', 'events'));
  const { makeEvent } = choice;
  return interleaved(choice, random.stream('workload', 'order')).map(({ user, sequence }) => {
    const facts = random.stream(`fact-${user}`, String(sequence));
    const id = ids.next();
    if (makeEvent !== null)
      return own(makeEvent({ user, sequence, id, below: (bound) => facts.below(bound) }), user, sequence, id);
    const { at, ...fact } = syntheticDraft(user, sequence === 1, facts);
    return builtIn<Event>({ id, ...fact, sequence, intendedAt: at, schemaVersion: SCHEMA_VERSION });
  });
}

/** Every user's events in order, users mixed as the seed says. */
function interleaved({ users, eventsPerUser }: WorkloadChoice<unknown>, random: Random) {
  const left = Array.from({ length: users }, (_, index) => ({ user: `u-${index + 1}`, sequence: 0 }));
  const places: { readonly user: string; readonly sequence: number }[] = [];
  while (left.length > 0) {
    const index = random.below(left.length);
    const next = left[index];
    if (next === undefined) break;
    next.sequence += 1;
    places.push({ ...next });
    if (next.sequence >= eventsPerUser) left.splice(index, 1);
  }
  return places;
}

async function ofTrace<Event>(choice: WorkloadChoice<Event>, trace: string, random: Random) {
  const limit = choice.users * choice.eventsPerUser;
  const sources = { random, ids: seededIds(random.stream('ids', 'events')), trace: openTrace(trace, false) };
  const stock: Stock<Event>[] = [];
  for await (const event of expandWorkload({ kind: 'trace', trace, limit }, sources)) stock.push(builtIn(event));
  return stock;
}

function builtIn<Event>(event: UserEvent): Stock<Event> {
  const payload = Buffer.from(encodeEvent(event));
  const { user, sequence, id } = event;
  return { user, sequence, id, event: event as Event, payload, digest: digestOf(payload), logged: event };
}

/**
 * The history knows an event of the team's own by its place alone; it is logged as one that changes nothing, a credit of
 * 0, since the laws of delivery ask for no more.
 */
function own<Event>(event: Event, user: string, sequence: number, id: string): Stock<Event> {
  const payload = bytesOf(event);
  const place = { id, user, sequence, intendedAt: 0, schemaVersion: SCHEMA_VERSION } as const;
  const logged: UserEvent = { ...place, type: 'UserCredited', data: { amount: 0 } };
  return { user, sequence, id, event, payload, digest: digestOf(payload), logged };
}

/** Bytes as they are, text as UTF-8, anything else as JSON. */
function bytesOf(event: unknown): Buffer {
  if (event instanceof Uint8Array) return Buffer.from(event);
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  if (text === undefined)
    throw new OrderlabError('USAGE', { problem: 'events: the factory made nothing that JSON holds' });
  return Buffer.from(text);
}
