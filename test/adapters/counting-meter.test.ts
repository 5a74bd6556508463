import { openCountingMeter } from '../../shared/adapters/counting-meter';

describe('the counting meter', () => {
  it('starts every counter at 0 and adds up', () => {
    const meter = openCountingMeter();
    meter.count('applied');
    meter.count('applied', 4);
    expect(meter.counts).toEqual({
      published: 0,
      delivered: 0,
      applied: 5,
      absorbed: 0,
      parked: 0,
      quarantined: 0,
      'marker-disagreements': 0,
    });
  });
});
