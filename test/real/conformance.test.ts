/** The broker model against a real Pulsar: every script, on both at once. And a canary, which must be found. */
import { type ConformanceOptions, conformance } from '../../lab/conformance/conformance';
import type { ScriptReport } from '../../lab/conformance/duel';
import { KNOWN_DIFFERENCES } from '../../lab/conformance/known-differences';
import { playRandom } from '../../lab/conformance/random-run';
import { scriptLines } from '../../lab/conformance/report';
import type { Script } from '../../lab/conformance/script';
import { SCRIPTS } from '../../lab/conformance/scripts';
import { openModel, openPulsar, type Subject } from '../../lab/conformance/subject';
import { REAL_TEMPO } from '../../lab/conformance/tempo';
import { onServedBroker } from '../../lab/reachable-broker';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { systemClock } from '../../shared/adapters/system-clock';
import { openCanary } from '../support/conformance-canary';
import { describePulsar } from '../support/pulsar-broker';
import { randomMembers } from '../support/random-members';

const DEADLINE_MS = 8 * 60_000;
const RANDOM_COUNT = 200;
/** One seed, so that a run says the same as the last one; `conformance --random` draws from a fresh one. */
const SEED = Number(process.env.ORDERLAB_SEED ?? 7);
/** 40 times 25 steps are 1,000 sets of names. */
const MEMBERS_COUNT = 40;
const STEP_COUNT = 25;
const optionsOf = (name: string) => ({
  namespace: `public/conformance-${name}-${process.pid}`,
  delays: REAL_TEMPO.delays,
});

type Sides = Omit<ConformanceOptions, 'scripts'>;

const disagreeing = (reports: readonly ScriptReport[]): readonly string[] =>
  reports.filter(({ end }) => end.kind !== 'agrees').flatMap(scriptLines);

describePulsar('the model', (server) => {
  const onBoth = async <T>(name: string, model: Subject, work: (sides: Sides) => Promise<T>): Promise<T> => {
    const broker = await openPulsar(optionsOf(name), { url: server().url, adminUrl: server().adminUrl });
    try {
      const watched = { onReport: () => {}, stop: { stopping: false } };
      return await work({ model, broker, tempo: REAL_TEMPO, atOnce: 20, ...watched });
    } finally {
      await model.close();
      await broker.close();
    }
  };
  const play = (name: string, model: Subject, scripts: readonly Script[]) =>
    onBoth(name, model, (sides) => conformance({ ...sides, scripts }));
  /** Through one adapter on both sides: how a client asks for the next message of several is not the model's matter. */
  const onBothServed = <T>(name: string, work: (sides: Sides) => Promise<T>): Promise<T> =>
    onServedBroker('embedded:', async (url) =>
      onBoth(name, await openPulsar(optionsOf(name), { url, adminUrl: null }), work),
    );

  it(
    'does what the broker does, in every script',
    async () => {
      const reports = await play('all', openModel(optionsOf('all'), systemClock), SCRIPTS);
      expect(disagreeing(reports)).toEqual([]);
      expect(reports.map(({ script }) => script)).toEqual(SCRIPTS.map(({ name }) => name));
      // What is excused and never met hides the next defect.
      const met = new Set(reports.flatMap(({ excused }) => excused.map(({ reason }) => reason)));
      expect(KNOWN_DIFFERENCES.filter(({ reason }) => !met.has(reason))).toEqual([]);
    },
    DEADLINE_MS,
  );

  it(
    'does what the broker does in 200 random scripts, of which the first that differs is shrunk',
    async () => {
      const drawing = { seed: SEED, count: RANDOM_COUNT, path: null };
      const { reports, smallest } = await onBothServed('random', (sides) => playRandom({ ...sides, drawing }));
      const again = `--random 1 --seed ${SEED} --path '${smallest?.path}'`;
      const lines =
        smallest === null
          ? []
          : [...scriptLines(smallest.report), `npm run conformance -- --against ${server().url} ${again}`];
      expect([...lines, ...disagreeing(reports)]).toEqual([]);
      expect(reports).toHaveLength(RANDOM_COUNT);
    },
    DEADLINE_MS,
  );

  it(
    'divides the hashes of 1,000 random sets of names as the broker does',
    async () => {
      const random = seededRandom(String(SEED));
      const scripts = Array.from({ length: MEMBERS_COUNT }, (_, index) =>
        randomMembers(random.stream('members', String(index)), `members-${index}`, STEP_COUNT),
      );
      const reports = await onBothServed('members', (sides) => conformance({ ...sides, scripts }));
      expect([`ORDERLAB_SEED=${SEED}`, ...disagreeing(reports)]).toEqual([`ORDERLAB_SEED=${SEED}`]);
      expect(reports).toHaveLength(MEMBERS_COUNT);
    },
    DEADLINE_MS,
  );

  it(
    'is found to differ when it does not wait until a hash is drained',
    async () => {
      const scripts = SCRIPTS.filter(({ name }) => name === 'draining-join-while-unacked');
      const reports = await play('canary', openCanary(optionsOf('canary'), systemClock), scripts);
      expect(reports.map(({ end }) => end)).toMatchObject([{ kind: 'differs', after: '6. publish k2:3 k0:2 k1:1' }]);
    },
    DEADLINE_MS,
  );
});
