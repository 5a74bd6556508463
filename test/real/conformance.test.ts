/** The broker model against a real Pulsar: every script, on both at once. And a canary, which must be found. */
import { conformance } from '../../lab/conformance/conformance';
import type { ScriptReport } from '../../lab/conformance/duel';
import { KNOWN_DIFFERENCES } from '../../lab/conformance/known-differences';
import { randomCommands, randomMembers, scriptOf } from '../../lab/conformance/random-script';
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

const DEADLINE_MS = 8 * 60_000;
const RANDOM_COUNT = 200;
/** One seed, so that a run says the same as the last one; `conformance --random` draws from a fresh one. */
const DEFAULT_SEED = '7';
/** 40 times 25 steps are 1,000 sets of names. */
const MEMBERS_COUNT = 40;
const STEP_COUNT = 25;
const optionsOf = (name: string) => ({
  namespace: `public/conformance-${name}-${process.pid}`,
  delays: REAL_TEMPO.delays,
});

describePulsar('the model', (server) => {
  const play = async (name: string, model: Subject, scripts: readonly Script[]): Promise<readonly ScriptReport[]> => {
    const broker = await openPulsar(optionsOf(name), { url: server().url, adminUrl: server().adminUrl });
    try {
      const watched = { onReport: () => {}, stop: { stopping: false } };
      return await conformance({ scripts, model, broker, tempo: REAL_TEMPO, atOnce: 20, ...watched });
    } finally {
      await model.close();
      await broker.close();
    }
  };

  it(
    'does what the broker does, in every script',
    async () => {
      const reports = await play('all', openModel(optionsOf('all'), systemClock), SCRIPTS);
      const disagreeing = reports.filter(({ end }) => end.kind !== 'agrees');
      expect(disagreeing.flatMap(scriptLines)).toEqual([]);
      expect(reports.map(({ script }) => script)).toEqual(SCRIPTS.map(({ name }) => name));
      // What is excused and never met hides the next defect.
      const met = new Set(reports.flatMap(({ excused }) => excused.map(({ reason }) => reason)));
      expect(KNOWN_DIFFERENCES.filter(({ reason }) => !met.has(reason))).toEqual([]);
    },
    DEADLINE_MS,
  );

  it(
    'does what the broker does in 200 random scripts, and divides the hashes of 1,000 random sets of names alike',
    async () => {
      const seed = process.env.ORDERLAB_SEED ?? DEFAULT_SEED;
      const random = seededRandom(seed);
      const drawn = Array.from({ length: RANDOM_COUNT }, (_, index) => {
        const name = `random-${index}`;
        return { name, commands: randomCommands(random.stream('script', String(index))) };
      });
      const members = Array.from({ length: MEMBERS_COUNT }, (_, index) =>
        randomMembers(random.stream('members', String(index)), `members-${index}`, STEP_COUNT),
      );
      const scripts = [...drawn.map(({ name, commands }) => scriptOf(name, commands)), ...members];
      /** Through one adapter on both sides: how a client asks for the next message of several is not the model's matter. */
      const reports = await onServedBroker('embedded:', async (url) =>
        play('random', await openPulsar(optionsOf('random'), { url, adminUrl: null }), scripts),
      );
      const disagreeing = reports.filter(({ end }) => end.kind !== 'agrees');
      expect([`ORDERLAB_SEED=${seed}`, ...disagreeing.flatMap(scriptLines)]).toEqual([`ORDERLAB_SEED=${seed}`]);
      expect(reports).toHaveLength(RANDOM_COUNT + MEMBERS_COUNT);
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
