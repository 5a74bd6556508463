/** Arbitraries of the store: operations and records with everything in them that an adapter could get wrong. */
import fc from 'fast-check';
import type { StoreOperation } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import type { Marker, UserRecord } from '../../shared/simulator/user-record';

/** Few, so that operations meet. The odd ones would break a hash tag, a key pattern, or UTF-8. */
const user = fc.constantFrom('ada', 'grace', '', '}', 'a}b', '{a}', '~ada', 'ü*?[', '\ud800', '\udfff');
const text = fc.constantFrom('Ada', 'a "b" \\ \n\u0000', '', 'null', 'ünïcödé 🦉', '\ud83e', '\udd89', '7', 'true');
const eventId = fc.constantFrom('e1', 'e2', 'e3', '\ud83e', '\udd89', '*', '}:{', 'e 1');
const owner = fc.constantFrom('c1#1', 'c2#1', 'c "3"#1');
/** Small ones meet; the large ones are those that doubles and short prints lose. */
const sequence = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 31, 1e15, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER) },
);
const amount = fc.oneof(
  fc.integer({ min: 0, max: 1_000_000_000 }),
  fc.constantFrom(0, 1, 99_999_999_999_999, 999_999_999_999_999, Number.MAX_SAFE_INTEGER),
);
const digest = fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.constantFrom(0, 2 ** 31 - 2, 2 ** 31 - 1));
/** Never, or so late that no test sees it: clocks of two stores differ. */
const ttlMs = fc.constantFrom(null, 1_000_000_000);

const facts = fc.oneof(
  fc.record({ type: fc.constant('UserCreated' as const), data: fc.record({ name: text, email: text }) }),
  fc.record({ type: fc.constant('UserRenamed' as const), data: fc.record({ name: text }) }),
  fc.record({ type: fc.constant('UserEmailChanged' as const), data: fc.record({ email: text }) }),
  fc.record({ type: fc.constant('UserCredited' as const), data: fc.record({ amount }) }),
  fc.record({ type: fc.constant('UserDebited' as const), data: fc.record({ amount }) }),
  fc.record({ type: fc.constant('UserDeleted' as const), data: fc.constant({}) }),
);

const event: fc.Arbitrary<UserEvent> = fc
  .record({ id: eventId, user, sequence, facts })
  .map(({ facts: { type, data }, ...rest }) => ({ ...rest, type, data, intendedAt: 0, schemaVersion: 1 }) as UserEvent);

const apply = fc.record({
  name: fc.constant('apply' as const),
  event,
  digest,
  guard: fc.constantFrom('none', 'marker', 'newer', 'next'),
  setsMarker: fc.boolean(),
  markerTtlMs: ttlMs,
  changesModel: fc.boolean(),
  owner,
});

const others: fc.Arbitrary<StoreOperation> = fc.oneof(
  fc.record({ name: fc.constant('check-marker' as const), user, eventId }),
  fc.record({ name: fc.constantFrom('claim-marker', 'set-marker'), user, eventId, sequence, ttlMs }),
  fc.record({ name: fc.constantFrom('begin-handler', 'end-handler'), user, owner }),
  fc.record({ name: fc.constant('quarantine' as const), user, messageId: eventId, reason: text }),
);

export const storeOperation: fc.Arbitrary<StoreOperation> = fc.oneof(
  { weight: 3, arbitrary: apply },
  { weight: 2, arbitrary: others },
);

/** Any record, reachable or not. */
export const userRecord: fc.Arbitrary<UserRecord> = fc.record({
  fields: fc.record({
    name: fc.option(text),
    email: fc.option(text),
    balance: fc.oneof(fc.integer(), fc.maxSafeInteger()),
    deleted: fc.boolean(),
  }),
  version: sequence,
  lastEventId: eventId,
  chain: fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 2 }), fc.constantFrom(0, 2 ** 31 - 2)),
  open: fc.uniqueArray(owner),
  quarantine: fc.uniqueArray(fc.record({ messageId: eventId, reason: text }), {
    selector: ({ messageId }) => messageId,
  }),
});

export const marker: fc.Arbitrary<Marker | null> = fc.option(fc.record({ sequence, expiresAtMs: fc.constant(null) }));
