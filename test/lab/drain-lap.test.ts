/** The laps of the bench, on the embedded parts: both drain the same workload, and say what it cost. */
import { bareLap, projectorLap } from '../../lab/drain-lap';
import { cornerOf } from '../../lab/world';
import { PLAN } from '../../shared/scenarios/defaults';

const EVENT_COUNT = 300;

it.each([
  ['bare', bareLap],
  ['projector', projectorLap],
])('a %s lap consumes and acknowledges everything', async (name, lap) => {
  const figures = await lap({
    plan: {
      ...PLAN,
      ...{ scenario: 'bench', seed: '1', audit: false },
      workload: { kind: 'synthetic', users: 20, events: EVENT_COUNT, skew: 'uniform' },
    },
    eventCount: EVENT_COUNT,
    place: { brokerUrl: 'embedded:', storeUrl: 'embedded:', adminUrl: null, ...cornerOf(`bench-${name}`) },
  });
  expect(figures.eventsPerSecond).toBeGreaterThan(0);
  expect(figures.cpuMicrosPerEvent).toBeGreaterThan(0);
});

it('a lap whose workload is not the one announced is refused, not measured', async () => {
  const lap = bareLap({
    plan: {
      ...PLAN,
      ...{ scenario: 'bench', seed: '1', audit: false },
      workload: { kind: 'synthetic', users: 20, events: EVENT_COUNT, skew: 'uniform' },
    },
    eventCount: EVENT_COUNT + 1,
    place: { brokerUrl: 'embedded:', storeUrl: 'embedded:', adminUrl: null, ...cornerOf('bench-short') },
  });
  await expect(lap).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});
