import type { ListedEvent } from '../model/plan';
import type { Scenario } from '../model/scenario';
import { ALWAYS, PLAN, TINY_CRASH_FLOORS, VALID } from './defaults';
import { ON_FIRST_CONSUMER, TWELVE_USERS } from './few-users';

/** The third event says what the first one said, after a rename. */
function toldTwice(user: string): readonly ListedEvent[] {
  const creation: ListedEvent = { user, type: 'UserCreated', data: { name: user, email: `${user}@example.org` } };
  return [
    creation,
    { user, type: 'UserRenamed', data: { name: `${user}-renamed` } },
    creation,
    { user, type: 'UserCredited', data: { amount: 10 } },
  ];
}

/** What both designs are given. One consumer dies between the effect of a second creation and its acknowledgement. */
export const TOLD_TWICE: Scenario['plan'] = {
  ...PLAN,
  topology: { ...PLAN.topology, consumerCount: 3 },
  context: { ...PLAN.context, identity: 'meaning' },
  workload: {
    kind: 'listed',
    events: [0, 1, 2, 3].flatMap((index) => TWELVE_USERS.flatMap((user) => toldTwice(user).slice(index, index + 1))),
  },
  faults: [
    {
      kind: 'crash',
      at: 'after:apply',
      when: { ...ALWAYS, event: { user: ON_FIRST_CONSUMER, sequence: 3 } },
      replaced: true,
    },
  ],
  floors: { ...TINY_CRASH_FLOORS, contendedUserCountMin: 10 },
};

export const semanticDuplicateConsumer: Scenario = {
  name: 'semantic-duplicate-consumer',
  paragraph:
    "The events of somebody else's writers, which do not compare meanings: every user is created, renamed, and created once more in the same words, under another event id. The consumer looks for the meaning in the log before the event, so the second creation moves the version and changes nothing, and the rename stands. It does so again when the consumer dies in between, since the log before an event is the same for everybody.",
  plan: { ...TOLD_TWICE, strategy: 'semantic-guard' },
  expected: VALID,
};
