/** Options of a load: what they mean, and what is refused. */
import { readLoadInput } from '../../../lab/load/load-settings';
import { EVENT_COUNT_MAX } from '../../../shared/config';

it('is a thousand events a second of a thousand users for ten seconds, unless told otherwise', () => {
  const { plan, shape } = readLoadInput({}, '7');
  expect(shape).toEqual({
    ratePerSecond: 1_000,
    durationS: 10,
    warmupS: 0,
    arrival: { kind: 'constant' },
    payloadBytes: 0,
  });
  expect(plan).toMatchObject({
    workload: { users: 1_000, events: 10_000 },
    strategy: 'version-next-repair',
    audit: false,
  });
});

it('sends during the warm-up too', () => {
  const { plan } = readLoadInput({ rate: '100', duration: '2', warmup: '1' }, '7');
  expect(plan.workload).toMatchObject({ events: 300 });
});

it.each([
  [{ rate: 'much' }, '--rate: must be a number in 0.001..1000000, got "much"'],
  [{ duration: '0' }, '--duration: must be a number in 0.1..86400, got "0"'],
  [{ payloadBytes: '-1' }, '--payload-bytes: must be a number in 0..65536, got "-1"'],
  [{ arrival: 'often' }, 'an arrival is constant, poisson or burst:SIZE'],
  [{ topology: 'exclusive' as const, consumers: '2' }, 'an Exclusive subscription has one consumer'],
  [{ trace: 'etcd', rate: '5' }, '--trace brings its own events and times'],
  [{ trace: 'etcd', users: '5' }, 'a trace brings its own events'],
  [{ rate: '1000000', duration: '86400' }, `at most ${EVENT_COUNT_MAX} events`],
])('refuses %j', (input, sentence) => expect(() => readLoadInput(input, '7')).toThrow(sentence));
