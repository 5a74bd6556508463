/** Conformance without a real broker: the model against itself, and against a canary that must be found. */
import fc from 'fast-check';
import { conformance } from '../../lab/conformance/conformance';
import { COVERAGE, coverageLines, scriptsOf } from '../../lab/conformance/coverage';
import { differencesOf } from '../../lab/conformance/facts';
import { KNOWN_DIFFERENCES } from '../../lab/conformance/known-differences';
import { type Drawing, draw, playRandom } from '../../lab/conformance/random-run';
import { type Draft, drafts, scriptOf } from '../../lab/conformance/random-script';
import { conformanceLines, scriptLines } from '../../lab/conformance/report';
import type { Operation, Script } from '../../lab/conformance/script';
import { SCRIPTS } from '../../lab/conformance/scripts';
import { openModel, type Subject } from '../../lab/conformance/subject';
import { REAL_TEMPO, type Tempo, virtualTempo } from '../../lab/conformance/tempo';
import type { Clock } from '../../shared/ports';
import { openCanary } from '../support/conformance-canary';

/** Many scripts, on a busy machine. */
jest.setTimeout(60_000);

const OPTIONS = { namespace: 'public/test', delays: REAL_TEMPO.delays };
type Open = (clock: Clock) => Subject;
const open: Open = (clock) => openModel(OPTIONS, clock);

/** In virtual time, of which waiting costs nothing. */
async function play(scripts: readonly Script[], openBroker: Open, change: Partial<Omit<Tempo, 'clock'>> = {}) {
  const tempo = { ...virtualTempo(), ...change };
  const { clock } = tempo;
  const [model, broker] = [open(clock), openBroker(clock)];
  const options = { scripts, model, broker, atOnce: 64, onReport: () => {}, stop: { stopping: false } };
  const reports = await clock.run(conformance({ ...options, tempo }));
  await model.close();
  await broker.close();
  return reports;
}

/** The model with one thing changed. */
function broken(change: (broker: Subject) => void): Open {
  return (clock) => {
    const broker = open(clock);
    change(broker);
    return broker;
  };
}

const scriptNamed = (name: string): Script => {
  const script = SCRIPTS.find((each) => each.name === name);
  if (script === undefined) throw new Error(`no script ${name}`);
  return script;
};

describe('conformance', () => {
  it('agrees when the model is played against itself', async () => {
    const scripts = SCRIPTS.filter((_script, index) => index % 4 === 0);
    const reports = await play(scripts, open);
    expect(reports.filter(({ end }) => end.kind !== 'agrees')).toEqual([]);
    expect(reports.map(({ script }) => script)).toEqual(scripts.map(({ name }) => name));
    for (const { comparedCount, excused } of reports) {
      expect(comparedCount).toBeGreaterThan(5);
      expect(excused).toEqual([]);
    }
  });

  it('finds a broker that does not wait until a hash is drained', async () => {
    const reports = await play([scriptNamed('draining-join-while-unacked')], (clock) => openCanary(OPTIONS, clock));
    const [{ end } = { end: null }] = reports;
    expect(end).toMatchObject({ kind: 'differs', after: '6. publish k2:3 k0:2 k1:1' });
    expect(end).toMatchObject({
      differences: expect.arrayContaining([{ fact: 'c2 got of k2', model: 'nothing', broker: '3' }]),
    });
    const [report] = reports;
    expect(report && scriptLines(report).join('\n')).toContain('DIFFERS  draining-join-while-unacked');
  });

  it('finds a broker that loses a message on its way to a consumer', async () => {
    const losing = broken((broker) => {
      const subscribe = broker.broker.subscribe.bind(broker.broker);
      broker.broker.subscribe = async (options) => {
        const consumer = await subscribe(options);
        const receive = consumer.receive.bind(consumer);
        consumer.receive = async () => {
          const delivery = await receive();
          return delivery?.properties.number === '2' ? receive() : delivery;
        };
        return consumer;
      };
    });
    const [report] = await play([scriptNamed('key-shared-split')], losing);
    expect(report?.end.kind).toBe('differs');
  });

  it('says that a script failed when a side answers with an error', async () => {
    const silent = broken((broker) => {
      broker.look = async () => {
        throw new Error('no statistics today');
      };
    });
    const [report] = await play([scriptNamed('key-shared-split')], silent);
    expect(report?.end).toMatchObject({ kind: 'failed', problem: 'no statistics today' });
    expect(report && scriptLines(report)).toHaveLength(2);
  });

  it('takes a barrier that is never reached for a difference, within the deadline', async () => {
    const lying = broken((broker) => {
      const look = broker.look.bind(broker);
      broker.look = async (...place) =>
        (await look(...place)).map((sight) => ({ ...sight, backlog: sight.backlog + 1 }));
    });
    const [report] = await play([scriptNamed('key-shared-split')], lying, { deadlineMs: 10_000 });
    const { end } = report ?? {};
    expect(end).toMatchObject({ kind: 'differs', after: '1. join c1 key-shared queue 0' });
    const fact = { fact: 'barrier', model: 'nothing', broker: 'the backlog is 1, not 0' };
    expect(end).toMatchObject({ differences: expect.arrayContaining([fact]) });
  });

  it('begins no script any more once it is asked to stop, and the report says how many are missing', async () => {
    const tempo = virtualTempo();
    const [model, broker] = [open(tempo.clock), open(tempo.clock)];
    const options = { scripts: SCRIPTS, model, broker, tempo, atOnce: 8, onReport: () => {} };
    const reports = await conformance({ ...options, stop: { stopping: true } });
    expect(reports).toEqual([]);
    expect(conformanceLines(reports, SCRIPTS.length)).toContain(
      `${SCRIPTS.length} of ${SCRIPTS.length} scripts were not played`,
    );
  });
});

describe('scripts drawn at random', () => {
  const drawing = { seed: 7, count: 30, path: null };
  const operationsOf = (draft: Draft) => scriptOf('drawn', draft).operations;

  it('are the same from the same seed, and those that fast-check replays by their index', async () => {
    const drawn = draw(drawing).map(operationsOf);
    expect(draw(drawing).map(operationsOf)).toEqual(drawn);
    expect(draw({ ...drawing, seed: 8 }).map(operationsOf)).not.toEqual(drawn);
    for (const index of [0, 7, 29]) {
      const replayed: (readonly Operation[])[] = [];
      const keep = async (draft: Draft) => void replayed.push(operationsOf(draft));
      await fc.check(fc.asyncProperty(drafts(), keep), { seed: 7, path: String(index), numRuns: 1 });
      expect(replayed).toEqual([drawn[index]]);
      expect(draw({ ...drawing, path: String(index) }).map(operationsOf)).toEqual([drawn[index]]);
    }
  });

  it('are of every type, and leave out nothing that can happen to a subscription', () => {
    const operations = draw({ seed: 7, count: 300, path: null }).flatMap(operationsOf);
    const types = new Set(operations.flatMap((each) => (each.kind === 'join' ? [each.type] : [])));
    expect([...types].sort()).toEqual(['exclusive', 'failover', 'key-shared', 'shared']);
    const kinds = ['ack-held', 'ask', 'close', 'join', 'kill', 'nack-held', 'publish', 'unload-at-rest'];
    expect([...new Set(operations.map(({ kind }) => kind))]).toEqual(expect.arrayContaining(kinds));
  });

  it('agree when the model is played against itself', async () => {
    const scripts = draw(drawing).map((draft, index) => scriptOf(`drawn-${index}`, draft));
    const reports = await play(scripts, open);
    expect(reports.filter(({ end }) => end.kind !== 'agrees')).toEqual([]);
  });

  it('find a broker that does not wait until a hash is drained, and are shrunk to what can be had again', async () => {
    const run = async (asked: Drawing) => {
      const tempo = { ...virtualTempo(), patienceMs: 200 };
      const sides = { model: open(tempo.clock), broker: openCanary(OPTIONS, tempo.clock) };
      const watched = { onReport: () => {}, stop: { stopping: false } };
      return tempo.clock.run(playRandom({ ...sides, ...watched, drawing: asked, tempo, atOnce: 64 }));
    };
    const { smallest } = await run({ ...drawing, count: 60 });
    if (smallest === null) throw new Error('no script found the canary');
    const [draft] = draw({ ...drawing, path: smallest.path });
    if (draft === undefined) throw new Error('a path leads to a draft');
    // Somebody holds a message, another one joins who owns its key now, and a second message comes.
    expect(operationsOf(draft).length).toBeLessThanOrEqual(8);
    const again = await run({ ...drawing, path: smallest.path });
    expect(again.smallest?.path).toBe(smallest.path);
    expect(again.reports.map(({ end }) => end)).toEqual([smallest.report.end]);
  });
});

describe('the scripts', () => {
  it('are many, of every subscription type, and among them are sets of members whose hash ranges are compared', () => {
    const joins = SCRIPTS.flatMap(({ operations }) =>
      operations.flatMap((each) => (each.kind === 'join' ? [each] : [])),
    );
    expect(new Set(joins.map(({ type }) => type)).size).toBe(4);
    const ranges = SCRIPTS.filter(({ name }) => name.startsWith('ranges-'));
    expect(SCRIPTS.length - ranges.length).toBeGreaterThanOrEqual(20);
    expect(ranges.reduce((sum, { operations }) => sum + operations.length, 0)).toBeGreaterThanOrEqual(40);
  });

  it('are listed, each with what it is for, and what none can reach has its reason', () => {
    const listed = new Set(COVERAGE.filter(({ what }) => !what.startsWith('statistics')).flatMap(scriptsOf));
    expect(SCRIPTS.map(({ name }) => name).filter((name) => !listed.has(name))).toEqual([]);
    for (const row of COVERAGE) {
      if ('scripts' in row) expect([row.what, scriptsOf(row).length]).not.toEqual([row.what, 0]);
      else expect(row.notReachable.length).toBeGreaterThan(8);
    }
    const sum = `${SCRIPTS.length} scripts, of which ${SCRIPTS.length} find out a mutant of the model`;
    expect(coverageLines().at(-1)).toBe(`${sum}: conformance --mutant all`);
    expect(SCRIPTS.length).toBeGreaterThanOrEqual(100);
  });

  it('are all named by the known differences, each with a reason', () => {
    const names = new Set(SCRIPTS.map(({ name }) => name));
    for (const { scripts, reason } of KNOWN_DIFFERENCES) {
      expect((scripts ?? []).filter((name) => !names.has(name))).toEqual([]);
      expect(reason.length).toBeGreaterThan(20);
    }
  });
});

it('differs exactly where a text differs or is missing', () => {
  const left = new Map([
    ['backlog', '1'],
    ['type', 'Shared'],
    ['c1 got of a', '1 2'],
  ]);
  const right = new Map([
    ['backlog', '1'],
    ['type', 'Exclusive'],
    ['c2 got of a', '1'],
  ]);
  expect(differencesOf(left, right)).toEqual([
    { fact: 'type', model: 'Shared', broker: 'Exclusive' },
    { fact: 'c1 got of a', model: '1 2', broker: 'nothing' },
    { fact: 'c2 got of a', model: 'nothing', broker: '1' },
  ]);
});
