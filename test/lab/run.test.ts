/** Ad-hoc runs end to end in virtual time: what a claim is worth on each topology, and how runs end that do not go well. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CountingMeter } from '../../shared/adapters/counting-meter';
import { planOf, type RunInput, readRunInput } from '../../shared/config';
import type { Fault, Plan, Point } from '../../shared/model/plan';
import type { Verdict } from '../../shared/model/verdict';
import { ALWAYS } from '../../shared/scenarios/defaults';
import { recordsOf, runVirtually, temporaryFolder } from '../support/virtual-run';

const EVENT_COUNT = 600;

function plan(input: RunInput, killAt: Point = 'before:ack'): Plan {
  const settings = readRunInput(input.trace === undefined ? { users: 40, events: EVENT_COUNT, ...input } : input);
  return planOf(settings, { seed: '11', eventCount: EVENT_COUNT, killAt: () => killAt });
}

function countOf(verdict: Verdict, id: string): number {
  return verdict.anomalies.find((anomaly) => anomaly.id === id)?.count ?? 0;
}

describe('the reference strategy', () => {
  it.each(['exclusive', 'failover', 'key-shared', 'shared'] as const)(
    'on %s applies every event once and in order, and leaves a key for each',
    async (topology) => {
      const { verdict, report } = await runVirtually(plan({ topology }));
      expect(verdict.reasons).toEqual([expect.stringContaining(`${EVENT_COUNT} events of`)]);
      expect(verdict.status).toBe('valid');
      expect(report.counts).toMatchObject({ applied: EVENT_COUNT, idempotencyKeys: EVENT_COUNT, quarantined: 0 });
    },
  );

  it('on Shared parks gaps and repairs them from the log: the broker keeps no order there', async () => {
    const { verdict, folder } = await runVirtually(plan({ topology: 'shared' }));
    expect(verdict.counts.parked).toBeGreaterThan(0);
    const records = recordsOf(folder);
    expect(records.some((record) => record.stream === 'Del' && record.type === 'unparked')).toBe(true);
    expect(verdict.counts.duplicatesAbsorbed).toBeGreaterThan(0);
    expect(verdict.status).toBe('valid');
  });

  it.each<Point>(['before:apply', 'after:apply', 'before:ack'])(
    'survives a kill %s: the delivery comes again and has its effect once',
    async (killAt) => {
      const { verdict, folder } = await runVirtually(plan({ killOne: true }, killAt));
      expect(verdict.status).toBe('valid');
      expect(verdict.counts.redelivered).toBeGreaterThan(0);
      expect(recordsOf(folder).filter(({ stream }) => stream === 'Fault')).toMatchObject([
        { fault: 'crash', at: killAt },
      ]);
    },
  );

  it('was not put to the test by a kill that never came: unknown, with the kill named', async () => {
    const never: Fault = {
      ...{ kind: 'crash', at: 'before:ack', replaced: true },
      when: { ...ALWAYS, unacknowledgedCountMin: EVENT_COUNT + 1 },
    };
    const join: Fault = { kind: 'join', when: { ...ALWAYS, appliedCountMin: 100 } };
    const struck = await runVirtually({ ...plan({}), faults: [join] });
    expect(struck.verdict.status).toBe('valid');
    const { verdict } = await runVirtually({ ...plan({}), faults: [join, never] });
    expect(verdict.status).toBe('unknown');
    expect(verdict.reasons.join()).toContain('1 of 2 planned faults did not strike: crash before:ack');
    expect(verdict.floors).toContainEqual({
      ...{ name: 'planned faults that struck', required: 2, reached: 1, holds: false },
    });
  });

  it('without idempotency keys writes none, and the sequence alone decides', async () => {
    const { verdict } = await runVirtually(plan({ idempotencyKeys: 'off', killOne: true }));
    expect(verdict).toMatchObject({ status: 'valid', counts: { applied: EVENT_COUNT, idempotencyKeys: 0 } });
  });

  it('with audit off is judged without its effects, and says what it could not judge', async () => {
    const { verdict, folder } = await runVirtually(plan({ audit: 'off' }));
    expect(verdict.counts.applied).toBe(EVENT_COUNT);
    expect(recordsOf(folder).some(({ stream }) => stream === 'Eff')).toBe(false);
  });
});

describe('a run without a guard', () => {
  it('on Shared is invalid with a witness, under the default claim', async () => {
    const { verdict } = await runVirtually(plan({ topology: 'shared', strategy: 'no-guard' }));
    expect(verdict.status).toBe('invalid');
    const swapped = verdict.anomalies.find(({ id }) => id === 'X3');
    expect(swapped?.witness.events.length).toBeGreaterThan(1);
  });

  it('is measured only where nothing is claimed', async () => {
    const { verdict } = await runVirtually(plan({ topology: 'shared', strategy: 'no-guard', claim: 'none' }));
    expect(verdict.status).toBe('valid');
    expect(countOf(verdict, 'X3')).toBeGreaterThan(0);
  });
});

describe('a result topic', () => {
  it('is judged: in order on Key_Shared, not on Shared', async () => {
    const kept = await runVirtually(plan({ resultTopic: true }));
    expect(countOf(kept.verdict, 'X21')).toBe(0);
    expect(kept.verdict.resultTopic?.length).toBeGreaterThan(0);
    const broken = await runVirtually(plan({ resultTopic: true, topology: 'shared', strategy: 'no-guard' }));
    expect(countOf(broken.verdict, 'X21')).toBeGreaterThan(0);
  });
});

describe('a run that is stopped', () => {
  it('publishes nothing more, finishes what is under way and is never found valid', async () => {
    let counts: CountingMeter['counts'] | null = null;
    const { verdict, report } = await runVirtually(plan({ rate: '100' }), {
      stop: {
        get stopping() {
          return (counts?.published ?? 0) >= 200;
        },
      },
      onStart: (meter) => {
        counts = meter.counts;
      },
    });
    expect(verdict.status).toBe('unknown');
    expect(verdict.reasons[0]).toBe('interrupted before every event was published');
    expect(report.counts.published).toBeGreaterThanOrEqual(200);
    expect(report.counts.published).toBeLessThan(EVENT_COUNT);
    expect(report.counts.applied).toBe(report.counts.published);
  });
});

describe('a restart', () => {
  it('lets the consumers with the longest lives drain and begin anew, one after the other', async () => {
    const restart = (appliedCountMin: number): Fault => ({ kind: 'restart', when: { ...ALWAYS, appliedCountMin } });
    const faults = [restart(100), restart(101), restart(102)];
    const { verdict, folder } = await runVirtually({ ...plan({ consumers: '2', rate: '500' }), faults });
    const steps = recordsOf(folder).flatMap((record) => {
      if (record.stream === 'Cause') return [`${record.type} ${record.consumer}`];
      return record.stream === 'Fault' && record.type === 'struck' ? [`${record.fault} ${record.consumer}`] : [];
    });
    expect(steps.slice(2, 11)).toEqual([
      ...['restart c1#1', 'leave c1#1', 'join c1#2'],
      ...['restart c2#1', 'leave c2#1', 'join c2#2'],
      ...['restart c1#2', 'leave c1#2', 'join c1#3'],
    ]);
    expect(verdict.status).toBe('valid');
  });
});

describe('a run that fails', () => {
  const withFault = (input: RunInput, ...faults: readonly Fault[]): Plan => ({ ...plan(input), faults });

  it('when a second Exclusive consumer joins ends with what the broker said, heard by the caller', async () => {
    const join: Fault = { kind: 'join', when: { ...ALWAYS, appliedCountMin: 5 } };
    const running = runVirtually(withFault({ topology: 'exclusive', rate: '100' }, join));
    await expect(running).rejects.toMatchObject({ code: 'CONSUMER_BUSY' });
  });

  it('leaves its history without end records, so that nobody takes it for whole', async () => {
    const folder = join(temporaryFolder(), 'run');
    const crash: Fault = { kind: 'join', when: { ...ALWAYS, appliedCountMin: 5 } };
    const running = runVirtually(withFault({ topology: 'exclusive', rate: '100' }, crash), { folderPath: folder });
    await expect(running).rejects.toThrow();
    const records = recordsOf(folder);
    expect(records.length).toBeGreaterThan(10);
    expect(records.filter((record) => record.stream === 'Run' && record.type === 'end')).toEqual([]);
  });

  it('at a line of its trace names the line and the file', async () => {
    const path = join(temporaryFolder(), 'trace.jsonl');
    const line = '{"at":1,"user":"ada","type":"UserCreated","data":{"name":"Ada","email":"ada@example.org"}}';
    writeFileSync(path, `${line}\n${line}\nbroken\n`);
    await expect(runVirtually(plan({ trace: path }))).rejects.toMatchObject({
      code: 'TRACE_LINE_INVALID',
      message: expect.stringContaining(`${path}, line 3`),
    });
    const { report } = await runVirtually(plan({ trace: path }), { skipBadLines: true });
    expect(report).toMatchObject({ badLines: 1, counts: { published: 2 } });
  });
});

describe('a run folder', () => {
  it('holds no password of a URL', async () => {
    const folder = join(temporaryFolder(), 'run');
    const storeUrl = 'kafka://lab:secret@localhost:9092';
    await expect(runVirtually(plan({}), { folderPath: folder, storeUrl })).rejects.toMatchObject({
      code: 'UNSUPPORTED_URL',
    });
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).not.toContain('secret');
  });
});
