import type { Scenario } from '../model/scenario';
import type { CommandRound, WriterSettings, WriteSide } from '../model/write-side';
import { creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { ALWAYS, FLOORS, PLAN, VALID } from './defaults';
import { SOLE } from './single-authority';

const WRITER_COUNT = 3;
/** Owns nothing and knows nobody until the store is lost: everybody asks it first from then on. */
const NEWCOMER = 2;
const USERS = usersNamed('user', 12);
const ROUNDS_BEFORE = 4;

/** A hold that outlives the run wherever nothing is lost, so that who owns what is no matter of speed. */
export const GUARDED: WriterSettings = {
  ...SOLE,
  authority: { shardCount: 4, holdMs: 120_000, forwards: false, checksEpoch: true, guardsIncarnation: true },
};

const before = (round: number): CommandRound =>
  USERS.map((user, index) =>
    sent(`before-${round}-${user}`, round === 0 ? creating(user) : crediting(user, 10), { writer: index % NEWCOMER }),
  );

/** Users whose first command comes after the loss: what there is to do for them does not depend on what was kept. */
const NEW_USERS = usersNamed('new-user', 36);
const askedOfNewcomer = { writer: NEWCOMER };

const BEFORE: readonly CommandRound[] = Array.from({ length: ROUNDS_BEFORE }, (_, round) => before(round));
const AFTER: readonly CommandRound[] = [
  [
    ...USERS.map((user) => sent(`again-${user}`, creating(user, `again-${user}@example.org`), askedOfNewcomer)),
    ...NEW_USERS.map((user) => sent(`create-${user}`, creating(user), askedOfNewcomer)),
  ],
  ...[1, 2].map((amount) =>
    USERS.map((user) => sent(`after-${amount}-${user}`, crediting(user, amount), askedOfNewcomer)),
  ),
];

/** The store starts empty once all that was asked by then is published and applied; only then does anybody go on. */
const APPLIED_BEFORE = ROUNDS_BEFORE * USERS.length;

export function lostStore(settings: WriterSettings): WriteSide {
  return writeSide(WRITER_COUNT, settings, [...BEFORE, ...AFTER]);
}

export const LOSS: Pick<Scenario['plan'], 'faults'> = {
  faults: [
    {
      ...{ kind: 'store-restart', when: { ...ALWAYS, appliedCountMin: APPLIED_BEFORE } },
      ...{ appendFsync: 'everysec', keptShare: 0 },
    },
  ],
};

export const storeIncarnation: Scenario = {
  name: 'store-incarnation',
  paragraph:
    'The event store loses everything and starts again empty, and clients ask an instance that knows nobody to create the same users. The server is another incarnation, so the store accepts nothing, grants nothing and lets nobody refuse anything until the relay has compared it with the topic and appended what is missing. Then the users exist, as they did, and the next event of each takes the next number: none is given twice.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: lostStore(GUARDED) },
    ...LOSS,
    /** As many commands wait until the loss is over: all of the rounds after it. */
    floors: { ...FLOORS, consumerCountMin: 0, appliedAroundFaultMin: 30 },
  },
  expected: VALID,
};
