/** Events for tests: plain ones by the dozen, and arbitrary ones. */
import fc from 'fast-check';
import { SCHEMA_VERSION, type UserEvent } from '../../shared/model/event';

/** Credits of one, users in turn, sequences dense from 1. */
export function credits(count: number, userCount: number): UserEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `e-${index}`,
    user: `u-${index % userCount}`,
    sequence: Math.floor(index / userCount) + 1,
    intendedAt: index,
    schemaVersion: SCHEMA_VERSION,
    type: 'UserCredited',
    data: { amount: 1 },
  }));
}

const text = fc.string({ minLength: 1, maxLength: 128, unit: 'binary' });
const amount = fc.integer({ min: 0, max: 1_000_000_000 });

const fact = fc.oneof(
  fc.record({ type: fc.constant('UserCreated' as const), data: fc.record({ name: text, email: text }) }),
  fc.record({ type: fc.constant('UserRenamed' as const), data: fc.record({ name: text }) }),
  fc.record({ type: fc.constant('UserEmailChanged' as const), data: fc.record({ email: text }) }),
  fc.record({ type: fc.constant('UserCredited' as const), data: fc.record({ amount }) }),
  fc.record({ type: fc.constant('UserDebited' as const), data: fc.record({ amount }) }),
  fc.record({ type: fc.constant('UserDeleted' as const), data: fc.constant({}) }),
);

const envelope = fc.record({
  id: text,
  user: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  intendedAt: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  schemaVersion: fc.constant(SCHEMA_VERSION as typeof SCHEMA_VERSION),
});

/** Any event that the model allows. */
export const anyUserEvent: fc.Arbitrary<UserEvent> = fc
  .tuple(envelope, fact)
  .map(([head, body]): UserEvent => ({ ...head, ...body }));
