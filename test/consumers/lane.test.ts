import fc from 'fast-check';
import { endTurn, isIdle, type Lane, openLane, park, successorOf, takeTurn, unpark } from '../../consumers/lane';
import { InvariantError } from '../../shared/model/invariant';

interface Work {
  readonly sequence: number;
}

function arrive(lane: Lane<Work>, ...sequences: readonly number[]): readonly Work[] {
  const works = sequences.map((sequence) => ({ sequence }));
  lane.waiting.push(...works);
  return works;
}

/** Takes the turn of the next work and sets it aside. */
function parkNext(lane: Lane<Work>): Work {
  const work = takeTurn(lane);
  if (work === null) throw new Error('nothing to park');
  park(lane, work);
  endTurn(lane);
  return work;
}

describe('a lane', () => {
  it('gives one turn at a time, in the order of arrival', () => {
    const lane = openLane<Work>();
    arrive(lane, 1, 2);
    expect(takeTurn(lane)).toEqual({ sequence: 1 });
    expect(takeTurn(lane)).toBeNull();
    endTurn(lane);
    expect(takeTurn(lane)).toEqual({ sequence: 2 });
  });

  it('lets successors pass what is parked, and takes it back first', () => {
    const lane = openLane<Work>();
    arrive(lane, 3, 1, 4);
    const parked = parkNext(lane);
    expect(takeTurn(lane)).toEqual({ sequence: 1 });
    endTurn(lane);
    expect(unpark(lane, parked)).toBe(true);
    expect(unpark(lane, parked)).toBe(false);
    expect(takeTurn(lane)).toBe(parked);
  });

  it('knows the direct successor of a sequence, and no other', () => {
    const lane = openLane<Work>();
    arrive(lane, 5, 3);
    parkNext(lane);
    parkNext(lane);
    expect(successorOf(lane, 2)).toEqual({ sequence: 3 });
    expect(successorOf(lane, 1)).toBeNull();
    expect(successorOf(lane, 3)).toBeNull();
    expect(successorOf(lane, 4)).toEqual({ sequence: 5 });
    expect(successorOf(lane, 5)).toBeNull();
  });

  it('is idle only without any work', () => {
    const lane = openLane<Work>();
    expect(isIdle(lane)).toBe(true);
    arrive(lane, 2);
    expect(isIdle(lane)).toBe(false);
    const work = parkNext(lane);
    expect(isIdle(lane)).toBe(false);
    unpark(lane, work);
    takeTurn(lane);
    expect(isIdle(lane)).toBe(false);
    endTurn(lane);
    expect(isIdle(lane)).toBe(true);
  });

  it('refuses the end of a turn that nobody had', () => {
    expect(() => endTurn(openLane<Work>())).toThrow(InvariantError);
  });

  it('loses nothing, gives no two turns at once and keeps its parked work in order, whatever happens', () => {
    const happening = fc.oneof(
      fc.record({ kind: fc.constant('arrive' as const), sequence: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constantFrom('turn', 'finish', 'park', 'unpark' as const), sequence: fc.nat(9) }),
    );
    fc.assert(fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => walk(happenings)));
  });
});

interface Happening {
  readonly kind: 'arrive' | 'turn' | 'finish' | 'park' | 'unpark';
  readonly sequence: number;
}

function walk(happenings: readonly Happening[]): void {
  const lane = openLane<Work>();
  const inHand = new Set<Work>();
  let turn: Work | null = null;
  for (const { kind, sequence } of happenings) {
    if (kind === 'arrive') for (const work of arrive(lane, sequence)) inHand.add(work);
    if (kind === 'turn') {
      const expected = turn === null ? (lane.waiting[0] ?? null) : null;
      const taken = takeTurn(lane);
      expect(taken).toBe(expected);
      turn = taken ?? turn;
    }
    if (kind === 'unpark') {
      const work = lane.parked[sequence % Math.max(lane.parked.length, 1)];
      if (work !== undefined) expect(unpark(lane, work)).toBe(true);
    }
    if ((kind === 'finish' || kind === 'park') && turn !== null) {
      if (kind === 'park') park(lane, turn);
      else inHand.delete(turn);
      endTurn(lane);
      turn = null;
    }
    const held = [...lane.waiting, ...lane.parked, ...(turn === null ? [] : [turn])];
    expect(new Set(held)).toEqual(inHand);
    expect(held).toHaveLength(inHand.size);
    expect(lane.parked.map((work) => work.sequence)).toEqual(
      lane.parked.map((work) => work.sequence).sort((left, right) => left - right),
    );
    expect(isIdle(lane)).toBe(inHand.size === 0);
  }
}
