/** Records: what the script keeps of one user, read back as the end states of a history. */
import { OrderlabError } from '../errors';
import type { UserFields } from '../model/event';
import type { MarkerBody, QuarantineBody, StateBody } from '../model/history';
import { idOf, type KeyParts } from './redis-keys';

type Hash = Readonly<Record<string, string>>;

/** null: no event was ever applied. Throws STORE_DATA_INVALID. */
export function stateOf(user: string, model: Hash): StateBody | null {
  const { sequence, lastId, chain } = model;
  if (sequence === undefined) return null;
  const what = `the model of ${user}`;
  return {
    stream: 'State',
    type: 'user',
    user,
    fields: fieldsOf(model, what),
    version: wholeOf(sequence, what),
    lastEventId: lastId === undefined ? null : idOf(lastId),
    chain: wholeOf(chain ?? '', what),
  };
}

/** A field that no event ever set is not there. */
function fieldsOf({ name, email, balance, deleted }: Hash, what: string): UserFields {
  return {
    name: textOrNull(name, what),
    email: textOrNull(email, what),
    balance: balance === undefined ? 0 : wholeOf(balance, what),
    deleted: deleted === 'true',
  };
}

function textOrNull(json: string | undefined, what: string): string | null {
  if (json === undefined || json === 'null') return null;
  try {
    const text: unknown = JSON.parse(json);
    if (typeof text === 'string') return text;
  } catch {
    // Said below, as for JSON that is no text.
  }
  throw invalid(what, json);
}

function wholeOf(digits: string, what: string): number {
  const number = Number(digits);
  if (digits === '' || !Number.isInteger(number)) throw invalid(what, digits);
  return number;
}

/** In the order in which the messages were put aside: each value begins with how many were there before it. */
export function quarantineOf(user: string, aside: Hash): readonly QuarantineBody[] {
  return Object.entries(aside)
    .map(([messageId, value]) => {
      const [place = '', ...reason] = value.split(' ');
      return { place: Number(place), messageId: idOf(messageId), reason: idOf(reason.join(' ')) };
    })
    .sort((left, right) => left.place - right.place)
    .map(({ messageId, reason }) => ({ stream: 'State', type: 'quarantined', user, messageId, reason }));
}

/** `expiresAtMs` as PEXPIRETIME gives it: -1 without an expiry. */
export function markerOf({ user, eventId }: KeyParts, sequence: string, expiresAtMs: number): MarkerBody {
  return {
    stream: 'Markers',
    type: 'marker',
    user,
    eventId: eventId ?? '',
    sequence: wholeOf(sequence, `an idempotency key of ${user}`),
    expiresAtMs: expiresAtMs < 0 ? null : expiresAtMs,
  };
}

function invalid(what: string, text: string): OrderlabError {
  return new OrderlabError('STORE_DATA_INVALID', { what, problem: `it holds ${text}` });
}
