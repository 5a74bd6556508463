import { createChecker } from '../../shared/checker/check';
import type { Law } from '../../shared/checker/law';
import { HistoryBuilder } from '../support/history-builder';
import { judged } from '../support/judged';

/** Two users, two consumers, nothing special. */
function clean(): HistoryBuilder {
  const builder = new HistoryBuilder();
  builder.join('c1#1').join('c2#1').publish('ann', 1, 2, 3).publish('bob', 1, 2);
  return builder.handled('c1#1', 'ann', 1, 2).handled('c2#1', 'bob', 1, 2).handled('c1#1', 'ann', 3);
}

describe('the checker', () => {
  it('finds nothing in a clean history and counts what it saw', () => {
    const verdict = judged(clean().finish());
    expect(verdict.anomalies).toEqual([]);
    expect(verdict.status).toBe('valid');
    expect(verdict.counts).toMatchObject({
      published: 5,
      delivered: 5,
      redelivered: 0,
      applied: 5,
      users: 2,
      idempotencyKeys: 5,
    });
  });

  it('reports a duplicate effect as the root and the diverged state as its consequence', () => {
    const verdict = judged(clean().applied('c1#1', 'ann', 3).finish());
    expect(verdict.status).toBe('invalid');
    expect(verdict.anomalies.map(({ id, status }) => [id, status])).toEqual([
      ['X2', 'root'],
      ['X18', 'consequence'],
    ]);
    expect(verdict.anomalies[1]?.causedBy).toEqual(['X2']);
    expect(verdict.reasons[0]).toContain('event applied twice (X2): 1');
  });

  it('is unknown without a header', () => {
    const verdict = judged(clean().finish().slice(1));
    expect(verdict.status).toBe('unknown');
  });

  it('is unknown with the reason when a law throws, and still invalid when another law is sure', () => {
    const law: Law = {
      ids: ['X6'],
      sees: ['log'],
      observe() {
        throw new Error('lost its books');
      },
      finish() {},
    };
    const judgeWith = (builder: HistoryBuilder) => {
      const checker = createChecker([law]);
      for (const record of builder.finish()) checker.observe(record);
      return checker.finish();
    };
    expect(judgeWith(clean())).toMatchObject({ status: 'unknown', reasons: ['the law of X6 failed: lost its books'] });
    expect(judgeWith(clean().applied('c1#1', 'ann', 3)).status).toBe('invalid');
  });
});
