/**
 * The classic Key_Shared dispatcher beside that of PIP-379. A rolling restart puts keys out of order under the one and not under
 * the other; the seed of the runs is printed with what they made, and ORDERLAB_SEED draws others.
 */
import fc from 'fast-check';
import { backlog } from '../../shared/simulator/broker';
import { viewSubscription } from '../../shared/simulator/subscription-view';
import { auditBroker } from '../support/broker-audit';
import { eachConsumerInOrder, nothingAckedIsSent, nothingIsLost, queuesHold } from '../support/broker-laws';
import { type Command, perform, scriptArbitrary, settle } from '../support/broker-script';
import { BrokerWorld, SUBSCRIPTION, TOPIC } from '../support/broker-world';

const SEED = Number(process.env.ORDERLAB_SEED ?? 379);
const RESTART_COUNT = 150;
const NAMES = ['c1', 'c2', 'c3'] as const;

const work: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('publish' as const),
      key: fc.constantFrom('k0', 'k1', 'k2', 'k4', 'k7', 'k11', 'k12'),
      count: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ kind: fc.constant('receive' as const), consumer: fc.nat({ max: 2 }), count: fc.constantFrom(1, 2) }),
    fc.record({ kind: fc.constant('ack' as const), consumer: fc.nat({ max: 2 }), message: fc.nat({ max: 2 }) }),
  ),
  { minLength: 2, maxLength: 12 },
);

/** Three consumers at work; each is closed and comes back, the oldest first, and all the time there is work. */
const rollingRestart: fc.Arbitrary<Command[]> = fc
  .tuple(fc.constantFrom(1, 2, 5), fc.array(work, { minLength: 7, maxLength: 7 }))
  .map(([receiverQueueSize, pieces]) => {
    const join = (name: string): Command => ({ kind: 'join', name, receiverQueueSize });
    const [first = [], ...others] = pieces;
    const restarts = NAMES.flatMap((name, index) => [
      ...[{ kind: 'leave', consumer: 0 } as const, ...(others[2 * index] ?? [])],
      ...[join(name), ...(others[2 * index + 1] ?? [])],
    ]);
    return [...NAMES.map(join), ...first, ...restarts];
  });

function play(commands: readonly Command[], keySharedUsesClassicImplementation: boolean): BrokerWorld {
  const world = new BrokerWorld({ keySharedUsesClassicImplementation }, auditBroker);
  world.open(0);
  for (const command of commands) {
    perform(world, 'key-shared', command);
    queuesHold(world);
  }
  settle(world, 'key-shared');
  return world;
}

function isInOrder(world: BrokerWorld): boolean {
  try {
    eachConsumerInOrder(world);
    return true;
  } catch {
    return false;
  }
}

describe('the classic dispatcher', () => {
  it('puts keys out of order in a rolling restart, which PIP-379 does not: the runs of one seed', () => {
    const restarts = fc.sample(rollingRestart, { seed: SEED, numRuns: RESTART_COUNT });
    const reordered = restarts.filter((commands) => !isInOrder(play(commands, true)));
    const replay = `ORDERLAB_SEED=${SEED} npx jest test/simulator/classic-key-shared`;
    process.stdout.write(
      `seed ${SEED}: ${reordered.length} of ${RESTART_COUNT} rolling restarts out of order; replay: ${replay}\n`,
    );
    expect(reordered.length).toBeGreaterThan(0);
    for (const commands of restarts) eachConsumerInOrder(play(commands, false));
  });

  it('sends the last consumer that stays what is behind the place where it joined', () => {
    const world = play(
      [
        { kind: 'publish', key: 'k0', count: 2 },
        { kind: 'join', name: 'c1', receiverQueueSize: 1 },
        { kind: 'join', name: 'c3', receiverQueueSize: 5 },
        { kind: 'leave', consumer: 0 },
      ],
      true,
    );
    nothingIsLost(world);
  });

  it('loses nothing, keeps nothing waiting for ever, and sends nothing that is acknowledged', () => {
    fc.assert(
      fc.property(scriptArbitrary({ nacks: true, leaves: true, outages: true }), (commands) => {
        const world = play(commands, true);
        nothingIsLost(world);
        expect(backlog(world.state, TOPIC, SUBSCRIPTION)).toBe(0);
      }),
    );
    fc.assert(
      fc.property(scriptArbitrary({ nacks: true, leaves: true, outages: false }), (commands) => {
        nothingAckedIsSent(play(commands, true));
      }),
    );
  });

  it('divides 2,147,483,646 hashes, into as many ranges as a running 4.2.4 printed', () => {
    const world = new BrokerWorld({ keySharedUsesClassicImplementation: true });
    world.open(0);
    const rangeCounts = () => {
      const consumers = viewSubscription(world.state, TOPIC, SUBSCRIPTION)?.[0]?.consumers ?? [];
      return consumers.map(({ hashRanges }) => hashRanges.length);
    };
    for (const name of ['c3', 'c1', 'c2']) world.join(name, 'key-shared', 5);
    expect(rangeCounts()).toEqual([65, 68, 66]);
    world.leave('c3');
    expect(rangeCounts()).toEqual([53, 52]);
    const ranges = viewSubscription(world.state, TOPIC, SUBSCRIPTION)?.[0]?.consumers.flatMap(
      (each) => each.hashRanges,
    );
    expect(Math.max(...(ranges ?? []).map(([, end]) => end))).toBe(2_147_483_646);
  });
});
