import fc from 'fast-check';
import { ANOMALY_IDS } from '../../shared/model/anomaly';
import type { HistoryRecord } from '../../shared/model/history';
import { judged } from '../support/judged';
import { historyOfPlanted, PLANTED, type Planted } from '../support/planted';
import { plantedInNoise } from '../support/planting';

/** What was found, without the legal repeats and overtakings that come with the noise. */
function found(records: readonly HistoryRecord[], piece: Planted) {
  const { status, anomalies } = judged(records);
  const of = (wanted: string) =>
    anomalies
      .filter((anomaly) => anomaly.status === wanted)
      .map(({ id }) => id)
      .filter((id) => (id !== 'D2' && id !== 'D6') || piece.measured.includes(id));
  return { status, roots: of('root'), consequences: of('consequence'), measured: of('measured') };
}

function stated({ status, roots, consequences, measured }: Planted) {
  return { status, roots, consequences, measured };
}

const noises = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  userCount: fc.integer({ min: 1, max: 4 }),
  eventCount: fc.integer({ min: 1, max: 40 }),
  consumerCount: fc.integer({ min: 1, max: 3 }),
  disturbanceInterval: fc.constantFrom(0, 5),
});

describe('a planted anomaly', () => {
  it.each(PLANTED.map((piece) => [piece.name, piece] as const))('%s is reported as exactly that', (_, piece) => {
    expect(found(historyOfPlanted(piece, 'invalid'), piece)).toEqual(stated(piece));
  });

  it.each(PLANTED.map((piece) => [piece.name, piece] as const))('%s done right is not blamed', (_, piece) => {
    const verdict = judged(historyOfPlanted(piece, 'valid'));
    expect(verdict.reasons.slice(0, verdict.status === 'valid' ? 0 : 9)).toEqual([]);
    expect(verdict.anomalies.filter(({ status }) => status !== 'measured')).toEqual([]);
  });

  it.each(PLANTED.map((piece) => [piece.name, piece] as const))('%s is found in any noise', (_, piece) => {
    fc.assert(
      fc.property(noises, (noise) => {
        expect(found(plantedInNoise(piece, noise), piece)).toEqual(stated(piece));
      }),
      { numRuns: 25 },
    );
  });

  it.each(PLANTED.filter(({ how }) => how !== null).map((piece) => [piece.name, piece] as const))(
    '%s says how it came about',
    (name, { how, ...piece }) => {
      const [id] = name.toUpperCase().split('-');
      const report = judged(historyOfPlanted({ ...piece, how }, 'invalid')).anomalies.find((one) => one.id === id);
      expect(Object.keys(report?.how ?? {})).toEqual([how]);
    },
  );

  it('exists for every class', () => {
    const planted = PLANTED.flatMap(({ roots, consequences, measured }) => [...roots, ...consequences, ...measured]);
    expect(ANOMALY_IDS.filter((id) => !planted.includes(id))).toEqual([]);
  });
});
