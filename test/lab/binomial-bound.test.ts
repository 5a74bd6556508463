import { boundText, shareBelow } from '../../lab/binomial-bound';

describe('the bound of a share at 95 %', () => {
  /** Clopper and Pearson, one-sided: the quantile 0.95 of Beta(failures + 1, trials - failures). */
  it.each([
    [0, 1, 0.95],
    [0, 10, 0.258866],
    [0, 100, 0.029513],
    [1, 10, 0.394163],
    [1, 100, 0.04656],
    [5, 20, 0.455582],
    [0, 10_000, 0.000299528],
  ])('after %i failures in %i trials is %f', (failures, trials, share) => {
    expect(shareBelow(failures, trials)).toBeCloseTo(share, 6);
  });

  it('is close to the rule of three where nothing failed', () => {
    for (const trials of [100, 1_000]) expect(shareBelow(0, trials)).toBeCloseTo(3 / trials, 3);
  });

  it('says nothing where everything failed, or nothing was tried', () => {
    expect([shareBelow(3, 3), shareBelow(0, 0)]).toEqual([1, 1]);
  });

  it('is not asked about more failures than trials', () => {
    expect(() => shareBelow(2, 1)).toThrow('there are no more failures than trials');
  });

  it('is printed as a percentage of what was tried', () => {
    expect(boundText(0, 100, 'kills')).toBe('below 3.0 % of kills at 95 %');
  });
});
