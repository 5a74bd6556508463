import { differences } from '../../lab/expectation';
import { ANOMALY_CLASSES, type AnomalyId } from '../../shared/model/anomaly';
import type { Expectation } from '../../shared/model/scenario';
import type { AnomalyReport, Verdict } from '../../shared/model/verdict';
import { INVALID, VALID } from '../../shared/scenarios/defaults';

function reportOf(id: AnomalyId, choice: Partial<AnomalyReport> = {}): AnomalyReport {
  const { name, plain } = ANOMALY_CLASSES[id];
  return {
    ...{ id, name, plain, standing: 'forbidden', status: 'root', causedBy: [], count: 1, rootCount: 1 },
    ...{ possibleCount: 0, how: {}, witness: { user: 'ada', events: [], sentence: 'planted' } },
    ...choice,
  };
}

function consequence(id: AnomalyId): AnomalyReport {
  return reportOf(id, { status: 'consequence', rootCount: 0 });
}

function verdictOf(status: Verdict['status'], anomalies: readonly AnomalyReport[], choice: Partial<Verdict> = {}) {
  const counts = {
    ...{ published: 0, delivered: 0, redelivered: 0, applied: 0, duplicatesAbsorbed: 0, parked: 0, quarantined: 0 },
    ...{ users: 0, idempotencyKeys: 0, crashes: 0, crashesFollowed: 0 },
  };
  return {
    status,
    claim: 'order+once',
    reasons: [],
    anomalies,
    floors: [],
    counts,
    resultTopic: null,
    ...choice,
  } as const;
}

const SWAPPED: Expectation = { ...INVALID, roots: ['X3'], anyOf: [['D3', 'D6']], also: ['X18'], absent: ['D5'] };
const AS_STATED = [reportOf('X3'), reportOf('D6', { standing: 'allowed', status: 'measured' }), consequence('X18')];

describe('an expectation', () => {
  it('is met by exactly what it states', () => {
    expect(differences(VALID, verdictOf('valid', []))).toEqual([]);
    expect(differences(SWAPPED, verdictOf('invalid', AS_STATED))).toEqual([]);
  });

  it.each<{ what: string; expected: Expectation; verdict: Verdict; sentence: string }>([
    {
      what: 'another status',
      expected: SWAPPED,
      verdict: verdictOf('unknown', AS_STATED),
      sentence: 'the verdict is unknown where invalid was expected',
    },
    {
      what: 'a root that is missing',
      expected: SWAPPED,
      verdict: verdictOf('invalid', AS_STATED.slice(1)),
      sentence: 'X3 was expected as a root',
    },
    {
      what: 'a root that is only a consequence',
      expected: SWAPPED,
      verdict: verdictOf('invalid', [consequence('X3'), ...AS_STATED.slice(1)]),
      sentence: 'X3 was expected as a root',
    },
    {
      what: 'a group of which nothing is there',
      expected: SWAPPED,
      verdict: verdictOf('invalid', [reportOf('X3')]),
      sentence: 'one of D3, D6 was expected',
    },
    {
      what: 'a class that must be absent, even where it is allowed',
      expected: SWAPPED,
      verdict: verdictOf('invalid', [...AS_STATED, reportOf('D5', { standing: 'allowed', count: 7 })]),
      sentence: 'D5 was reported 7 times where none was expected',
    },
    {
      what: 'a forbidden class that nobody stated',
      expected: SWAPPED,
      verdict: verdictOf('invalid', [...AS_STATED, reportOf('X1')]),
      sentence: 'X1 was not expected',
    },
    {
      what: 'another result topic',
      expected: { ...VALID, resultTopic: [2, 1, 4, 3] },
      verdict: verdictOf('valid', [], { resultTopic: [1, 2, 3, 4] }),
      sentence: 'the result topic reads [1,2,3,4] where [2,1,4,3] was expected',
    },
    {
      what: 'no result topic where one is stated',
      expected: { ...VALID, resultTopic: [1] },
      verdict: verdictOf('valid', []),
      sentence: 'the result topic reads null where [1] was expected',
    },
  ])('names $what, and nothing else', ({ expected, verdict, sentence }) => {
    expect(differences(expected, verdict)).toEqual([sentence]);
  });

  it('lets pass what is counted without being forbidden', () => {
    const counted = reportOf('D2', { standing: 'allowed', status: 'measured', rootCount: 0 });
    expect(differences(VALID, verdictOf('valid', [counted]))).toEqual([]);
  });

  it('names all differences at once', () => {
    expect(differences(SWAPPED, verdictOf('valid', [reportOf('X2')]))).toHaveLength(4);
  });
});
