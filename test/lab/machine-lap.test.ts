/** The load of the broker bench: it really publishes, hands over and acknowledges, whatever stands in the topic. */
import { machineLap } from '../../lab/machine-lap';

describe('a lap of the machine', () => {
  it.each([
    [4, 0],
    [2, 500],
    [64, 20_000],
  ])('ends with %i consumers and a backlog of %i', (consumerCount, backlogCount) => {
    expect(machineLap({ messageCount: 2_000, consumerCount, backlogCount })).toBeGreaterThan(0);
  });

  it('cannot be run without a consumer: nobody would hold what it acknowledges', () => {
    expect(() => machineLap({ messageCount: 1, consumerCount: 0, backlogCount: 0 })).toThrow(/holds a message/);
  });
});
