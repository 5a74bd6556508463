/** Every scenario ends as it states. Virtual time, the embedded parts, and what `orderlab run` itself calls. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differences } from '../../lab/expectation';
import type { HistoryRecord } from '../../shared/model/history';
import { invariant } from '../../shared/model/invariant';
import type { Scenario } from '../../shared/model/scenario';
import type { Verdict } from '../../shared/model/verdict';
import { competingConsumers } from '../../shared/scenarios/competing-consumers';
import { competingConsumersNaive } from '../../shared/scenarios/competing-consumers-naive';
import { dedupIsNotConditional } from '../../shared/scenarios/dedup-is-not-conditional';
import { ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from '../../shared/scenarios/few-users';
import { forwardedCommands } from '../../shared/scenarios/forwarded-commands';
import { handlerError } from '../../shared/scenarios/handler-error';
import { handlerErrorNaive } from '../../shared/scenarios/handler-error-naive';
import { projector } from '../../shared/scenarios/projector';
import { prunedRequest } from '../../shared/scenarios/pruned-request';
import { recordWithEffect } from '../../shared/scenarios/record-with-effect';
import { SCENARIOS, SCENARIOS_ANYWHERE, scenarioNamed } from '../../shared/scenarios/registry';
import { scaleReadSide } from '../../shared/scenarios/scale-read-side';
import { scaleReadSideFailover } from '../../shared/scenarios/scale-read-side-failover';
import { singleAuthority } from '../../shared/scenarios/single-authority';
import { singleAuthorityNaive } from '../../shared/scenarios/single-authority-naive';
import { twoContextsNaive } from '../../shared/scenarios/two-contexts-naive';
import { foldOf } from '../support/log-fold';
import { planNamed, runOf } from '../support/scenario-run';
import { historyFiles, recordsOf, runVirtually } from '../support/virtual-run';

/** Two runs of a recorded stream, on a machine that does other things as well. */
jest.setTimeout(60_000);

/** A recorded stream and listed commands are the same for every seed, which gives the ids only; one seed saves seconds. */
const SEEDS_OF_THE_GIVEN = ['0x3'];
const SEEDS = ['1', '22', '0x3'];

function seedsOf({ plan }: Scenario): readonly string[] {
  return ['trace', 'commands'].includes(plan.workload.kind) ? SEEDS_OF_THE_GIVEN : SEEDS;
}

describe('a scenario', () => {
  it.each(SCENARIOS_ANYWHERE)('$name ends as it states, whatever the seed', async (scenario) => {
    for (const seed of seedsOf(scenario)) {
      const { verdict } = await runOf(scenario.name, seed);
      expect({ seed, differences: differences(scenario.expected, verdict) }).toEqual({ seed, differences: [] });
    }
  });

  it.each(SCENARIOS)('$name is told in a paragraph under a name that a command line takes', ({ name, paragraph }) => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(paragraph).toMatch(/^[A-Z].{80,}\.\)?$/);
    expect(scenarioNamed(name)?.name).toBe(name);
  });

  it('states an invalid verdict exactly when its name says that it is broken', () => {
    const broken = SCENARIOS.filter(({ expected }) => expected.status === 'invalid').map(({ name }) => name);
    const saysSo = (name: string): boolean => name.endsWith('-naive') || name === dedupIsNotConditional.name;
    expect(broken).toEqual(SCENARIOS.map(({ name }) => name).filter(saysSo));
  });

  it('is not in the registry twice, and a name that nobody gave is null', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
    expect(scenarioNamed('projectr')).toBeNull();
  });
});

describe('a run folder', () => {
  it('holds config, plan, history, verdict and timeline', async () => {
    const plan = planNamed('record-with-effect', '5');
    const { folder, report } = await runVirtually(plan, { replay: 'orderlab run --seed 5' });
    const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    expect(json('plan.json')).toEqual(plan);
    expect(json('config.json')).toMatchObject({ brokerUrl: 'embedded:', storeUrl: 'embedded:' });
    expect(json('verdict.json')).toEqual(report);
    expect(readFileSync(join(folder, 'timeline.txt'), 'utf8')).not.toBe('');
    expect([...historyFiles(folder).keys()]).toEqual(
      ['c1#1', 'c1#2', 'c2#1', 'log', 'producer', 'state', 'store', 'supervisor'].map((name) => `${name}.jsonl`),
    );
  });

  it('is refused where something lies already', async () => {
    const { folder } = await runVirtually(planNamed('competing-consumers', '5'));
    const again = runVirtually(planNamed('competing-consumers', '5'), { folderPath: folder });
    await expect(again).rejects.toMatchObject({ code: 'USAGE' });
    expect(existsSync(join(folder, 'verdict.json'))).toBe(true);
  });
});

describe('the same seed', () => {
  it.each(['competing-consumers-naive', 'transfer-results', 'handler-error-naive', 'projector'])(
    'gives %s the same history, byte for byte, whatever ran before',
    async (name) => {
      const first = await runOf(name, '0x3');
      await runVirtually(planNamed('crash-before-ack-naive', '9'));
      const second = await runVirtually(planNamed(name, '0x3'));
      expect(historyFiles(second.folder)).toEqual(historyFiles(first.folder));
      expect(second.verdict).toEqual(first.verdict);
    },
  );

  it('is what makes it the same: another seed gives other ids', async () => {
    const log = async (seed: string) => {
      const { folder } = await runVirtually(planNamed('competing-consumers', seed));
      return historyFiles(folder).get('log.jsonl');
    };
    expect(await log('1')).not.toEqual(await log('2'));
  });
});

/**
 * What scenarios tell, looked up in their histories: a verdict alone could be right for another reason.
 */
/** What a run left; the seed is one that the tests above ran already. */
async function told({ name }: Scenario) {
  const { folder, verdict } = await runOf(name, '0x3');
  return { records: recordsOf(folder), verdict };
}

function received(records: readonly HistoryRecord[], consumer: string) {
  return records.flatMap((record) =>
    record.stream === 'Del' && record.type === 'received' && record.consumer === consumer
      ? [`${record.user} ${record.sequence}`]
      : [],
  );
}

function results(records: readonly HistoryRecord[], user: string) {
  return records.flatMap((record) =>
    record.stream === 'Log' && record.topic === 'results' && record.event?.user === user ? [record.event.sequence] : [],
  );
}

describe('competing consumers', () => {
  it('on Key_Shared: each has a user of its own, and each result topic stream reads 1 2 3 4', async () => {
    const { records } = await told(competingConsumers);
    expect(received(records, 'c1#1')).toEqual([1, 2, 3, 4].map((sequence) => `${ON_FIRST_CONSUMER} ${sequence}`));
    expect(received(records, 'c2#1')).toEqual([1, 2, 3, 4].map((sequence) => `${ON_SECOND_CONSUMER} ${sequence}`));
    expect(results(records, ON_FIRST_CONSUMER)).toEqual([1, 2, 3, 4]);
    expect(results(records, ON_SECOND_CONSUMER)).toEqual([1, 2, 3, 4]);
  });

  it('on Shared: they take 1 3 and 2 4 of one user, and the result topic reads 2 1 4 3', async () => {
    const { records } = await told(competingConsumersNaive);
    expect(received(records, 'c1#1')).toEqual([1, 3].map((sequence) => `${ON_FIRST_CONSUMER} ${sequence}`));
    expect(received(records, 'c2#1')).toEqual([2, 4].map((sequence) => `${ON_FIRST_CONSUMER} ${sequence}`));
    expect(results(records, ON_FIRST_CONSUMER)).toEqual([2, 1, 4, 3]);
  });
});

describe('a crash', () => {
  it('between effect and acknowledgement: the repeat is absorbed at another life', async () => {
    const { records, verdict } = await told(recordWithEffect);
    const repeats = records.filter(
      (record) => record.stream === 'Del' && record.user === ON_FIRST_CONSUMER && record.sequence === 3,
    );
    expect(repeats.map((record) => ('outcome' in record ? record.outcome : record.type))).toEqual([
      ...['received', 'applied'],
      ...['received', 'duplicate', 'ack-intended', 'ack-confirmed'],
    ]);
    expect(verdict.counts.duplicatesAbsorbed).toBe(1);
  });
});

describe('a failing handler', () => {
  const stepsOf = (records: readonly HistoryRecord[]) =>
    records.flatMap((record) => (record.stream === 'Del' ? [`${record.type} ${record.user} ${record.sequence}`] : []));

  it('parks its user: successors wait, others go on', async () => {
    const { records } = await told(handlerError);
    const steps = stepsOf(records);
    const failedAt = steps.indexOf(`failed ${ON_FIRST_CONSUMER} 2`);
    const doneAt = steps.indexOf(`ack-confirmed ${ON_FIRST_CONSUMER} 2`);
    const between = steps.slice(failedAt, doneAt);
    expect(between.filter((step) => step === `failed ${ON_FIRST_CONSUMER} 2`)).toHaveLength(3);
    expect(between.filter((step) => step.startsWith(`answered ${ON_FIRST_CONSUMER} 3`))).toEqual([]);
    expect(between.some((step) => step.startsWith('ack-confirmed') && !step.includes(ON_FIRST_CONSUMER))).toBe(true);
    expect(steps.filter((step) => step.startsWith('nack'))).toEqual([]);
  });

  it('answered with a negative acknowledgement: successors overtake', async () => {
    const { records } = await told(handlerErrorNaive);
    const steps = stepsOf(records);
    expect(steps.indexOf(`nack-intended ${ON_FIRST_CONSUMER} 2`)).toBeGreaterThan(-1);
    expect(steps.indexOf(`ack-confirmed ${ON_FIRST_CONSUMER} 3`)).toBeLessThan(
      steps.indexOf(`ack-confirmed ${ON_FIRST_CONSUMER} 2`),
    );
  });
});

describe("the broker's deduplication", () => {
  const ids = ({ anomalies }: Verdict): readonly string[] => anomalies.map(({ id }) => id);

  it('drops the second copy of every message, and takes each event of a rival', async () => {
    const { records, verdict } = await told(dedupIsNotConditional);
    const answers = records.flatMap((record) =>
      record.stream === 'Pub' && record.type === 'return' ? [record.messageId?.startsWith('-1:-1:') === true] : [],
    );
    expect(answers.filter((isDropped) => isDropped)).toHaveLength(answers.length / 2);
    expect(ids(verdict)).not.toContain('W4');
    expect(verdict.anomalies.find(({ id }) => id === 'W1')?.count).toBe(12);
  });

  it('is what drops it: switched off, every message stands twice in the log', async () => {
    const plan = planNamed(dedupIsNotConditional.name, '0x3');
    invariant(plan.workload.kind === 'commands', 'its events come from commands');
    const writeSide = { ...plan.workload.writeSide, deduplicates: false };
    const { verdict } = await runVirtually({ ...plan, workload: { ...plan.workload, writeSide } });
    expect(ids(verdict)).toEqual(expect.arrayContaining(['W1', 'W4']));
  });
});

describe('a request whose record was pruned', () => {
  it('is refused for its own event, by name or by version, and nothing is done twice', async () => {
    const { records } = await told(prunedRequest);
    const refusals = records.flatMap((record) =>
      record.stream === 'Cmd' && record.type === 'return' && record.outcome === 'refused' ? [record] : [],
    );
    const firsts = new Map(
      records.flatMap((record) =>
        record.stream === 'App' && record.type === 'entry' ? [[record.command, record.eventId] as const] : [],
      ),
    );
    const creations = refusals.filter(({ code }) => code === 'USER_EXISTS');
    expect(creations.map(({ eventId }) => eventId)).toEqual(creations.map(({ command }) => firsts.get(command)));
    expect([creations.length, refusals.length - creations.length]).toEqual([12, 12]);
    expect(refusals.slice(12).every(({ code }) => code === 'VERSION_MISMATCH')).toBe(true);
  });
});

describe('an owner that stood still while its shard was taken over', () => {
  it('is refused, by epoch alone, and its command is done once, by the owner', async () => {
    const { records } = await told(singleAuthority);
    const zombies = records.flatMap((record) =>
      record.stream === 'Cmd' && record.type === 'return' && record.command.startsWith('zombie-') ? [record] : [],
    );
    expect(zombies.filter(({ code }) => code === 'STALE_EPOCH')).toHaveLength(2);
    const accepted = zombies.filter(({ outcome }) => outcome === 'accepted');
    expect(accepted.map(({ command }) => command)).toEqual(['zombie-user-3', 'zombie-user-8']);
    expect(accepted.every(({ sequence }) => sequence !== null)).toBe(true);
  });

  it('is believed where nobody compares epochs', async () => {
    const { records } = await told(singleAuthorityNaive);
    expect(
      records.filter((record) => record.stream === 'Cmd' && record.type === 'return' && record.code === 'STALE_EPOCH'),
    ).toEqual([]);
  });
});

/** Commands that an instance accepted and another one executed. */
async function answeredForAnother(scenario: Scenario): Promise<number> {
  const { records } = await told(scenario);
  const executedBy = new Map(
    records.flatMap((record) =>
      record.stream === 'App' && record.type === 'entry' ? [[record.eventId, record.writer] as const] : [],
    ),
  );
  const accepted = records.flatMap((record) =>
    record.stream === 'Cmd' && record.type === 'return' && record.outcome === 'accepted' && !record.replayed
      ? [record]
      : [],
  );
  return accepted.filter(({ writer, eventId }) => executedBy.get(eventId ?? '')?.startsWith(`${writer}.`) === false)
    .length;
}

describe('an instance that is asked for a user of another one', () => {
  it('gives the answer of the owner where it sends commands on', async () => {
    expect(await answeredForAnother(forwardedCommands)).toBeGreaterThan(20);
  });

  it('executes what it accepts where it does not', async () => {
    expect(await answeredForAnother(singleAuthority)).toBe(0);
  });
});

describe('scaling the read side', () => {
  it.each([scaleReadSide, scaleReadSideFailover])('$name goes from one consumer to four to two', async (scenario) => {
    const { records, verdict } = await told(scenario);
    let live = 0;
    const sizes: number[] = [];
    for (const record of records) {
      /** The leaves of the run's end come after quiescence. */
      if (record.stream === 'Run' && record.type === 'quiescence') break;
      if (record.stream !== 'Cause') continue;
      live += record.type === 'join' ? 1 : -1;
      sizes.push(live);
    }
    expect(sizes).toEqual([1, 2, 3, 4, 3, 2]);
    expect(verdict.counts.applied).toBe(6_056);
    /** Embedded handlers are done long before the take-over delay is; with a store that takes time Failover may overlap. */
    expect(verdict.anomalies.map(({ id }) => id)).not.toContain('X8');
  });
});

describe('a projector on a real stream', () => {
  it('loses a consumer, gains one, and its read model is the fold of the log', async () => {
    const { records, verdict } = await told(projector);
    expect(records.flatMap((record) => (record.stream === 'Fault' ? [record.fault] : []))).toEqual(['crash', 'join']);
    const states = records.flatMap((record) =>
      record.stream === 'State' && record.type === 'user' ? [[record.user, record.fields] as const] : [],
    );
    expect(new Map(states)).toEqual(foldOf(records));
    expect(verdict.counts).toMatchObject({ applied: 6_056, idempotencyKeys: 6_056, users: 896 });
    expect(verdict.counts.redelivered).toBeGreaterThan(0);
  });

  it('that throws away what it does not listen to waits for ever, and the run says that it is stuck', async () => {
    const { records, verdict } = await told(twoContextsNaive);
    const [quiescence] = records.filter((record) => record.stream === 'Run' && record.type === 'quiescence');
    expect(quiescence).toMatchObject({ state: 'stuck' });
    expect(verdict.anomalies.find(({ id }) => id === 'X1')?.how).toMatchObject({ parked: expect.any(Number) });
  });
});
