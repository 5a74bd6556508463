import { entryOf, JournalFollower } from '../../shared/adapters/redis-journal';
import { OrderlabError } from '../../shared/errors';
import type { HistoryBody } from '../../shared/model/history';

const entry = (sequence: number) => `["effect","e${sequence}",${sequence},true,"c1#1",5,${sequence - 1},7,1000]`;

/** A journal whose reads are answered when the test says so, and the history that follows it. */
function follow() {
  const journal: string[] = [];
  const recorded: HistoryBody[] = [];
  const reads: { readonly answer: () => void; readonly fail: () => void }[] = [];
  const read = (_user: string, from: number, to: number) =>
    new Promise<readonly string[]>((resolve, reject) => {
      const answer = () => resolve(journal.slice(from, to + 1));
      reads.push({ answer, fail: () => reject(new OrderlabError('STORE_CONNECTION_LOST', { url: 'u', what: 'w' })) });
    });
  const follower = new JournalFollower({ record: (body) => recorded.push(body) }, read);
  return {
    ...{ follower, reads },
    /** The store appends; its reply is lost. */
    append: (...sequences: readonly number[]) => journal.push(...sequences.map(entry)),
    /** The store appends, and the reply is heard. */
    hear: (sequence: number) => follower.hear('ada', journal.push(entry(sequence)), entry(sequence)),
    /** The store forgets all entries but the first `length`. */
    goBackTo: (length: number) => void journal.splice(length),
    story: () =>
      recorded.flatMap((body): readonly (number | string)[] => {
        if (body.stream !== 'Eff') return [];
        if (body.type === 'effect') return [body.sequence];
        return body.type === 'rollback' ? [`rollback ${body.heldCount}`] : [body.type];
      }),
    sequences: () =>
      recorded.flatMap((body) => (body.stream === 'Eff' && body.type === 'effect' ? [body.sequence] : [])),
  };
}

describe('a history that follows a journal', () => {
  it('holds an entry at once when none is missing before it', () => {
    const { hear, sequences } = follow();
    expect([hear(1), hear(2)]).toEqual([null, null]);
    expect(sequences()).toEqual([1, 2]);
  });

  it('reads what is missing before it records what it heard', async () => {
    const { append, hear, reads, sequences } = follow();
    expect(hear(1)).toBeNull();
    append(2);
    const third = hear(3);
    expect(sequences()).toEqual([1]);
    reads[0]?.answer();
    await third;
    expect(sequences()).toEqual([1, 2, 3]);
  });

  it('keeps the order of what is heard while it reads', async () => {
    const { append, hear, reads, sequences } = follow();
    append(1);
    const heard = [hear(2), hear(3), hear(4)];
    reads[0]?.answer();
    await Promise.all(heard.map(async (each) => each));
    expect(sequences()).toEqual([1, 2, 3, 4]);
    expect(reads).toHaveLength(1);
    expect(hear(5)).toBeNull();
  });

  it('makes an answer that appended nothing wait for what the journal held', async () => {
    const { append, follower, reads, sequences } = follow();
    append(1);
    const heard = follower.hear('ada', 1, null);
    reads[0]?.answer();
    await heard;
    expect(sequences()).toEqual([1]);
    expect(follower.hear('ada', 1, null)).toBeNull();
  });

  it('fails the answer when it cannot read, and reads again at the next one', async () => {
    const { append, hear, reads, sequences } = follow();
    append(1);
    const second = hear(2);
    reads[0]?.fail();
    await expect(second).rejects.toMatchObject({ outcome: 'unknown' });
    const third = hear(3);
    reads[1]?.answer();
    await third;
    expect(sequences()).toEqual([1, 2, 3]);
  });

  describe('of a store that may have gone back in time', () => {
    const begun = () => {
      const told = follow();
      for (const sequence of [1, 2, 3]) expect(told.hear(sequence)).toBeNull();
      return told;
    };
    const answerAll = async ({ reads }: ReturnType<typeof follow>, heard: Promise<void> | null) => {
      for (let next = 0; heard !== null && next < 2; next += 1) {
        reads[next]?.answer();
        await Promise.race([heard, new Promise((resolve) => setImmediate(resolve))]);
      }
      await heard;
    };

    it('says again what is held when the journal is shorter, behind a rollback', async () => {
      const told = begun();
      told.goBackTo(1);
      await answerAll(told, told.hear(4));
      expect(told.story()).toEqual([1, 2, 3, 'rollback 1', 1, 4]);
      expect(told.hear(5)).toBeNull();
    });

    it('says nothing again when the last entry is still at its place', async () => {
      const told = begun();
      told.follower.doubt();
      told.append(4);
      await answerAll(told, told.hear(5));
      expect(told.story()).toEqual([1, 2, 3, 4, 5]);
      expect(told.reads).toHaveLength(1);
    });

    it('notices a journal that has grown again over what it lost', async () => {
      const told = begun();
      told.goBackTo(1);
      told.append(7, 8, 9);
      told.follower.doubt();
      await answerAll(told, told.hear(10));
      expect(told.story()).toEqual([1, 2, 3, 'rollback 4', 1, 7, 8, 9, 10]);
    });

    it('tells of a user of whom nothing is left', async () => {
      const told = begun();
      told.goBackTo(0);
      await told.follower.hear('ada', 0, null);
      expect(told.story()).toEqual([1, 2, 3, 'rollback 0']);
      expect(told.follower.users).toEqual(['ada']);
    });

    it('doubts no user of whom it hears for the first time since', () => {
      const told = follow();
      told.follower.doubt();
      expect(told.hear(1)).toBeNull();
      expect(told.story()).toEqual([1]);
    });
  });

  it('keeps users apart', () => {
    const { follower, hear, sequences } = follow();
    expect(hear(1)).toBeNull();
    expect(follower.hear('grace', 1, entry(1))).toBeNull();
    expect(sequences()).toEqual([1, 1]);
  });

  it('records nothing once it is sealed', () => {
    const { follower, hear, sequences } = follow();
    expect(hear(1)).toBeNull();
    follower.seal();
    expect(hear(2)).toBeNull();
    expect(sequences()).toEqual([1]);
  });
});

describe('an entry of a journal', () => {
  it('is read back as the body that the store meant, with its time', () => {
    const facts = { stream: 'Eff', type: 'effect', user: 'ada', eventId: 'e2', sequence: 2, changedModel: true };
    const body = { ...facts, versionBefore: 1, versionAfter: 2, owner: 'c1#1', digest: 5, chain: 7 };
    expect(entryOf('ada', entry(2))).toEqual({ body, atMs: 1000 });
  });

  it.each([
    ...['', 'x', '{}', '[]', '["other",1]', '["end"]', '["end","c1#1"]', '["begin","c1#1",1000]'],
    ...['["effect","e1",1,true,"c1#1",5,0,1000]', '["effect",1,1,true,"c1#1",5,0,7,1000]'],
  ])('that reads %j was not written by the script', (text) => {
    expect(() => entryOf('ada', text)).toThrow(OrderlabError);
  });
});
