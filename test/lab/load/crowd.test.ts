/** One load from several processes: who meets whom, and what comes of it. Over the embedded broker, in virtual time. */

import { openVirtualClock, type VirtualClock } from '../../../lab/conformance/virtual-clock';
import { leadCrowd, workInCrowd } from '../../../lab/load/crowd';
import { Latency } from '../../../lab/load/latency';
import { type LoadReport, loadLines } from '../../../lab/load/load-report';
import { Meeting } from '../../../lab/load/meeting';
import { mergeReports } from '../../../lab/load/merge';
import { openEmbeddedBroker } from '../../../shared/adapters/embedded-broker';
import { loadVirtually } from '../../support/load-run';

const LOAD = { rate: '100', duration: '1', users: '20' } as const;

let reports: readonly LoadReport[];
beforeAll(async () => {
  reports = [await loadVirtually(LOAD), await loadVirtually(LOAD, {}, '8')];
});

function crowdOn(clock: VirtualClock) {
  const broker = openEmbeddedBroker({ clock });
  const said: string[] = [];
  const common = { broker, topic: 'load', clock, say: (sentence: string) => void said.push(sentence) };
  const seeds: string[] = [];
  return {
    ...{ broker, said, seeds },
    lead: (session: string, workerCount: number) =>
      leadCrowd({ ...common, session, workerCount, load: LOAD, seed: '7', resultDeadlineMs: 60_000 }),
    work: (worker: string, index: number) =>
      workInCrowd({
        ...common,
        worker,
        run: async (load, seed) => {
          expect(load).toEqual(LOAD);
          seeds.push(seed);
          return reports[index] as LoadReport;
        },
      }),
  };
}

it('gives one report whose counts are the sums, and whose percentiles are those of all events', async () => {
  const clock = openVirtualClock();
  const { lead, work, seeds } = crowdOn(clock);
  const [merged] = await clock.run(Promise.all([lead('s1', 2), work('w1', 0), work('w2', 1)]));
  for (const name of ['sent', 'stored', 'applied', 'users', 'swapped', 'lost'] as const) {
    expect(merged.counts[name]).toBe((reports[0]?.counts[name] ?? 0) + (reports[1]?.counts[name] ?? 0));
  }
  expect(merged.latency.count).toBe(200);
  expect(merged.latency).toEqual(Latency.decode(merged.histograms.latency).figures);
  expect([...seeds].sort()).toEqual(['7', '8']);
});

it('does not matter who comes first', async () => {
  const clock = openVirtualClock();
  const { lead, work } = crowdOn(clock);
  const early = work('w1', 0);
  await clock.run(clock.sleep(5_000));
  const merged = await clock.run(Promise.all([lead('s1', 2), clock.sleep(5_000).then(() => work('w2', 1)), early]));
  expect(merged[0].counts.sent).toBe(200);
});

it('does not take what an earlier session left behind for its own', async () => {
  const clock = openVirtualClock();
  const { broker, lead, work } = crowdOn(clock);
  const ghost = await Meeting.join(broker, 'load', 'ghost', clock);
  await ghost.say({ type: 'here', session: 's0', worker: 'ghost' });
  await ghost.say({ type: 'start', session: 's0', workers: ['ghost'], load: LOAD, seed: '7' });
  const [merged] = await clock.run(Promise.all([lead('s1', 1), work('w1', 0)]));
  expect(merged.counts.sent).toBe(100);
  expect(merged.floors.every(({ name }) => name.startsWith('w1: '))).toBe(true);
});

it('gives up, by name, on workers that do not come', async () => {
  const clock = openVirtualClock();
  const { lead } = crowdOn(clock);
  await expect(clock.run(lead('s1', 2))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

it('takes the worst verdict of all, with the name of who found it', () => {
  const [one, two] = reports as readonly [LoadReport, LoadReport];
  const bad: LoadReport = { ...two, verdict: 'invalid', reasons: ['events swapped (X3): 1'] };
  const merged = mergeReports(
    new Map([
      ['w1', one],
      ['w2', bad],
    ]),
  );
  expect(merged.verdict).toBe('invalid');
  expect(loadLines(merged).join('\n')).toContain('w2: events swapped (X3): 1');
});
