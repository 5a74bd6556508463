import fc from 'fast-check';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { type ProducerOptions, type ProducerResult, runProducer, SEND_RETRY } from '../../producers/producer';
import { openCountingMeter } from '../../shared/adapters/counting-meter';
import { systemClock } from '../../shared/adapters/system-clock';
import type { UserEvent } from '../../shared/model/event';
import type { HistoryBody } from '../../shared/model/history';
import { InvariantError } from '../../shared/model/invariant';
import { digestOf } from '../../shared/wire';
import { type SendFate, TestProducer } from '../support/test-producer';
import { credits } from '../support/user-event';

const PATIENT = { ...SEND_RETRY, deadlineMs: 1_000_000_000 };

function optionsWith(parts: Pick<ProducerOptions, 'events' | 'producer'> & Partial<ProducerOptions>): ProducerOptions {
  return {
    producerName: 'producer',
    topic: 'user-events',
    clock: systemClock,
    recorder: { record: () => {} },
    meter: openCountingMeter(),
    sendsInFlightMax: 16,
    schedule: null,
    ...parts,
  };
}

async function runVirtually(
  parts: Pick<ProducerOptions, 'events'> & Partial<ProducerOptions>,
  fates: readonly SendFate[],
  latenciesMs: readonly number[] = [],
  sharesFate = true,
): Promise<{ result: ProducerResult; producer: TestProducer; bodies: HistoryBody[] }> {
  const clock = openVirtualClock();
  const bodies: HistoryBody[] = [];
  const producer = new TestProducer({
    fate: (send) => fates[send] ?? 'stored',
    latency: (send) => clock.sleep(latenciesMs[send % latenciesMs.length] ?? 0),
    sharesFate,
  });
  const recorder = { record: (body: HistoryBody) => void bodies.push(body) };
  const result = await clock.run(runProducer(optionsWith({ producer, clock, recorder, ...parts })));
  return { result, producer, bodies };
}

/** Sequences of each user in the order in which the broker first had them. */
function firstSequences(stored: readonly UserEvent[]): Record<string, number[]> {
  const sequences: Record<string, number[]> = {};
  for (const { user, sequence } of stored) {
    sequences[user] ??= [];
    if (!sequences[user].includes(sequence)) sequences[user].push(sequence);
  }
  return sequences;
}

const anyFates = fc.array(fc.constantFrom<SendFate>('stored', 'failed', 'lost', 'late'), { maxLength: 60 });
const anyLatenciesMs = fc.array(fc.nat(40), { minLength: 1, maxLength: 7 });

describe('the producer runner, told to send at once what is due', () => {
  it('takes no turn between events that are at hand and due, up to its window, and gives the same in the end', async () => {
    const events = credits(40, 5);
    const sent: string[] = [];
    const producer = {
      send: async ({ key }: { readonly key: string }) => {
        sent.push(key);
        return '1:0:-1';
      },
      close: async () => {},
    };
    const running = runProducer(optionsWith({ events, producer, sendsDueAtOnce: true, sendsInFlightMax: 16 }));
    expect(sent).toEqual(events.slice(0, 16).map(({ user }) => user));
    expect(await running).toEqual({ published: 40, failed: 0, unknown: 0 });
    expect(sent).toEqual(events.map(({ user }) => user));
  });

  it('waits for what is not due yet', async () => {
    const [early, late] = credits(2, 2).map((event, index) => ({ ...event, intendedAt: index * 1_000 }));
    const clock = openVirtualClock();
    const times: number[] = [];
    const producer = { send: async () => `${times.push(clock.nowMs())}:0:-1`, close: async () => {} };
    const events = [early, late].filter((event) => event !== undefined);
    const schedule = { traceSpeedup: 1 } as const;
    await clock.run(runProducer(optionsWith({ events, producer, clock, schedule, sendsDueAtOnce: true })));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(1_000);
  });

  it.each(['stored', 'failed'] as const)('keeps the order of each user when a send is %s', async (fate) => {
    const { producer, result } = await runVirtually({ events: credits(30, 3), sendsDueAtOnce: true }, [fate, fate]);
    expect(result.published).toBe(30);
    for (const sequences of Object.values(firstSequences(producer.stored))) {
      expect(sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  });
});

describe('the producer runner keeps the order of each user', () => {
  it('through any failures of a connection, with as many sends in flight as it may have', () =>
    fc.assert(
      fc.asyncProperty(
        anyFates,
        anyLatenciesMs,
        fc.integer({ min: 1, max: 20 }),
        async (fates, latenciesMs, inFlight) => {
          const events = credits(40, 3);
          const { result, producer } = await runVirtually(
            { events, sendsInFlightMax: inFlight, retry: PATIENT },
            fates,
            latenciesMs,
          );
          expect(firstSequences(producer.stored)).toEqual(firstSequences(events));
          expect(result).toEqual({ published: 40, failed: 0, unknown: 0 });
          expect(producer.inFlightCountMax).toBeLessThanOrEqual(inFlight);
        },
      ),
    ));

  it('through failures of single sends, with one send of a user in flight', () =>
    fc.assert(
      fc.asyncProperty(anyFates, anyLatenciesMs, async (fates, latenciesMs) => {
        const events = credits(40, 5);
        const { producer } = await runVirtually(
          { events, userSendsInFlightMax: 1, retry: PATIENT },
          fates,
          latenciesMs,
          false,
        );
        expect(firstSequences(producer.stored)).toEqual(firstSequences(events));
        expect(producer.userInFlightCountMax).toBe(1);
      }),
    ));

  it('and cannot keep it when single sends fail inside its pipeline, yet loses nothing', async () => {
    const { producer } = await runVirtually({ events: credits(3, 1) }, ['failed'], [5], false);
    expect(producer.stored.map((event) => event.sequence)).toEqual([2, 3, 1]);
  });
});

describe('the producer runner bounds its work', () => {
  it('uses all of its window and no more', async () => {
    const { producer } = await runVirtually({ events: credits(100, 50), sendsInFlightMax: 7 }, [], [3, 1, 2]);
    expect(producer.inFlightCountMax).toBe(7);
  });

  it('asks for an event only when there is room for it', async () => {
    let asked = 0;
    function* counted(): Generator<UserEvent> {
      for (const event of credits(10, 1)) {
        asked += 1;
        yield event;
      }
    }
    const producer = { send: () => new Promise<string>(() => {}), close: async () => {} };
    const clock = openVirtualClock();
    const run = clock.run(runProducer(optionsWith({ events: counted(), producer, clock, sendsInFlightMax: 4 })));
    await expect(run).rejects.toThrow('deadlock');
    expect(asked).toBe(5);
  });

  it('publishes 27,000 events of 1,000 users to an in-process producer', async () => {
    const meter = openCountingMeter();
    const producer = { send: async () => '0:0:-1', close: async () => {} };
    const result = await runProducer(optionsWith({ events: credits(27_000, 1_000), producer, meter }));
    expect(result).toEqual({ published: 27_000, failed: 0, unknown: 0 });
    expect(meter.counts.published).toBe(27_000);
  });
});

describe('the producer runner records', () => {
  it('the attempt before the send, and the answer after it', async () => {
    const bodies: HistoryBody[] = [];
    const recordedAtSend: number[] = [];
    const producer = {
      send: async () => {
        recordedAtSend.push(bodies.length);
        return '0:7:-1';
      },
      close: async () => {},
    };
    const recorder = { record: (body: HistoryBody) => void bodies.push(body) };
    await runProducer(optionsWith({ events: credits(1, 1), producer, recorder }));
    const subject = { producer: 'producer', topic: 'user-events', eventId: 'e-0', user: 'u-0', sequence: 1 };
    expect(recordedAtSend).toEqual([1]);
    expect(bodies).toEqual([
      { stream: 'Pub', type: 'invoke', ...subject },
      { stream: 'Pub', type: 'return', ...subject, outcome: 'ok', messageId: '0:7:-1' },
    ]);
  });

  it('an unknown outcome as info and a definite failure as fail, and sends the very same bytes again', async () => {
    const { producer, bodies } = await runVirtually({ events: credits(1, 1) }, ['late', 'failed', 'lost']);
    const returns = bodies.flatMap((body) => (body.stream === 'Pub' && body.type === 'return' ? [body.outcome] : []));
    expect(returns).toEqual(['info', 'fail', 'info', 'ok']);
    expect(new Set(producer.sent.map((message) => digestOf(message.payload))).size).toBe(1);
  });

  it('an unclassified error as info, since nobody knows what the broker did', async () => {
    const bodies: HistoryBody[] = [];
    const clock = openVirtualClock();
    const producer = { send: () => Promise.reject(new Error('socket hang up')), close: async () => {} };
    const recorder = { record: (body: HistoryBody) => void bodies.push(body) };
    const run = runProducer(optionsWith({ events: credits(1, 1), producer, clock, recorder }));
    expect(await clock.run(run)).toEqual({ published: 0, failed: 0, unknown: 1 });
    expect(bodies[1]).toMatchObject({ type: 'return', outcome: 'info', messageId: null });
  });
});

describe('the producer runner gives up', () => {
  const endless = (fate: SendFate): SendFate[] => Array.from({ length: 10_000 }, () => fate);

  it('on a user that stores nothing until the deadline: later events of the user are not sent, others are', async () => {
    const clock = openVirtualClock();
    const producer = new TestProducer({ fate: () => 'stored', sharesFate: false });
    const picky = {
      send: (message: Parameters<TestProducer['send']>[0]) =>
        message.key === 'u-0' ? Promise.reject(new Error('no')) : producer.send(message),
      close: async () => {},
    };
    const run = runProducer(optionsWith({ events: credits(30, 3), producer: picky, clock }));
    expect(await clock.run(run)).toEqual({ published: 20, failed: 9, unknown: 1 });
    expect(firstSequences(producer.stored)).toEqual({
      'u-1': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      'u-2': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    });
    expect(clock.nowMs()).toBeLessThanOrEqual(SEND_RETRY.deadlineMs);
  });

  it('and counts an event with any unknown attempt as unknown, whatever came after', async () => {
    const { result } = await runVirtually({ events: credits(1, 1) }, ['lost', ...endless('failed')]);
    expect(result).toEqual({ published: 0, failed: 0, unknown: 1 });
  });

  it('not while a user makes progress, however long that takes', async () => {
    const fates = Array.from({ length: 20 }, (): SendFate[] => ['failed', 'stored']).flat();
    const retry = { backoffMsMin: 10, backoffMsMax: 40, deadlineMs: 25 };
    const { result } = await runVirtually({ events: credits(20, 1), userSendsInFlightMax: 20, retry }, [
      'failed',
      ...fates,
    ]);
    expect(result).toEqual({ published: 20, failed: 0, unknown: 0 });
  });

  it('for good: an event that is admitted after its user was given up is not sent', async () => {
    const retry = { backoffMsMin: 10, backoffMsMax: 10, deadlineMs: 15 };
    const events = credits(9, 1);
    const { result, producer } = await runVirtually({ events, sendsInFlightMax: 2, retry }, [
      'failed',
      'failed',
      'failed',
    ]);
    expect(result).toEqual({ published: 0, failed: 9, unknown: 0 });
    expect(producer.stored).toEqual([]);
  });

  it('with pauses that double and stay bounded', async () => {
    const sentAtMs: number[] = [];
    const clock = openVirtualClock();
    const producer = {
      send: () => {
        sentAtMs.push(clock.nowMs());
        return Promise.reject(new Error('no'));
      },
      close: async () => {},
    };
    const retry = { backoffMsMin: 10, backoffMsMax: 40, deadlineMs: 150 };
    await clock.run(runProducer(optionsWith({ events: credits(1, 1), producer, clock, retry })));
    expect(sentAtMs).toEqual([0, 10, 30, 70, 110, 150]);
  });

  it('when it is stopped: nothing new is admitted or retried, and what is in flight settles', async () => {
    const stop = { stopping: false };
    function* stoppedAtFifth(): Generator<UserEvent> {
      for (const [index, event] of credits(10, 10).entries()) {
        stop.stopping = index === 4;
        yield event;
      }
    }
    const { result, producer } = await runVirtually({ events: stoppedAtFifth(), stop }, ['failed'], [50], false);
    expect(result).toEqual({ published: 3, failed: 1, unknown: 0 });
    expect(producer.sent).toHaveLength(4);
  });
});

describe('the producer runner fails', () => {
  it('with the error of its events, once everything in flight is settled', async () => {
    function* broken(): Generator<UserEvent> {
      yield* credits(3, 3);
      throw new Error('line 4 is bad');
    }
    const bodies: HistoryBody[] = [];
    const recorder = { record: (body: HistoryBody) => void bodies.push(body) };
    await expect(runVirtually({ events: broken(), recorder }, [], [20])).rejects.toThrow('line 4 is bad');
    expect(bodies.filter((body) => body.type === 'return')).toHaveLength(3);
  });

  it('with a broken invariant of the broker, which is no outcome of a send', async () => {
    const producer = { send: () => Promise.reject(new InvariantError('two owners')), close: async () => {} };
    await expect(runProducer(optionsWith({ events: credits(5, 1), producer }))).rejects.toThrow('two owners');
  });

  it('with the error of its recorder: what is not on record is not sent', async () => {
    const producer = new TestProducer({ fate: () => 'stored', sharesFate: true });
    const recorder = {
      record: () => {
        throw new Error('disk full');
      },
    };
    await expect(runProducer(optionsWith({ events: credits(5, 1), producer, recorder }))).rejects.toThrow('disk full');
    expect(producer.sent).toHaveLength(0);
  });
});

describe('the producer runner follows its schedule', () => {
  it('at a constant rate, and writes into each event when it was meant to be sent', async () => {
    const { producer } = await runVirtually({ events: credits(4, 4), schedule: { perSecond: 100 } }, []);
    expect(producer.stored.map((event) => event.intendedAt)).toEqual([0, 10, 20, 30]);
  });

  it('in the time of the trace divided by the speedup', async () => {
    const events = credits(3, 3).map((event, index) => ({ ...event, intendedAt: 5_000 + index * 1_000 }));
    const { producer } = await runVirtually({ events, schedule: { traceSpeedup: 10 } }, []);
    expect(producer.stored.map((event) => event.intendedAt)).toEqual([0, 100, 200]);
  });

  it('without forgiving a stall: the intended time stays, so that latency shows the wait', async () => {
    const schedule = { perSecond: 1_000 };
    const { producer } = await runVirtually({ events: credits(3, 3), schedule, sendsInFlightMax: 1 }, [], [500]);
    expect(producer.stored.map((event) => event.intendedAt)).toEqual([0, 1, 2]);
  });

  it('and sends at once without one, stamped with the time of sending', async () => {
    const { producer } = await runVirtually({ events: credits(3, 3), sendsInFlightMax: 1 }, [], [500]);
    expect(producer.stored.map((event) => event.intendedAt)).toEqual([0, 500, 1_000]);
  });

  it('and notices a stop in the middle of a long pause', async () => {
    const clock = openVirtualClock();
    const stop = { stopping: false };
    const producer = new TestProducer({ fate: () => 'stored', sharesFate: true });
    const events = credits(2, 2);
    const run = runProducer(optionsWith({ events, producer, clock, stop, schedule: { perSecond: 0.0001 } }));
    const stopped = clock.sleep(1_000).then(() => {
      stop.stopping = true;
    });
    expect((await clock.run(Promise.all([run, stopped])))[0].published).toBe(1);
    expect(clock.nowMs()).toBeLessThan(2_000);
  });
});
