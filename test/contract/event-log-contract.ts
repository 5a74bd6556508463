/** What an index over a topic promises as EventLog, over whatever broker. */
import { openLogIndex } from '../../shared/adapters/log-index';
import type { EventRef } from '../../shared/model/plan';
import type { EventLog } from '../../shared/ports';
import { type CutBroker, ProjectorBench } from '../support/projector-bench';
import { credits } from '../support/user-event';

/** How a test reaches the broker, as processes do that come and go. */
export interface BrokerAccess {
  readonly connect: () => Promise<CutBroker>;
  readonly leave: (broker: CutBroker) => Promise<void>;
}

/** Registers the suite. All connections lead to one broker. */
export function describeEventLog(name: string, { connect, leave }: BrokerAccess): void {
  describe(`the event log ${name}`, () => {
    const connected = async (work: (broker: CutBroker) => Promise<void>): Promise<void> => {
      const broker = await connect();
      try {
        await work(broker);
      } finally {
        await leave(broker);
      }
    };

    it('fills a planted gap in a process that starts with an empty index, after the producer has gone', async () => {
      let bench: ProjectorBench | null = null;
      await connected(async (broker) => {
        bench = await ProjectorBench.open(broker);
        await bench.publish(credits(5, 1));
        await bench.acknowledgeUnapplied([2, 3]);
      });
      await connected(async (broker) => bench?.project({ strategy: 'version-next-repair' }, broker));
      expect(sequencesOf(bench)).toEqual([1, 2, 3, 4, 5]);
    });

    it('gives each user with the highest sequence that its log holds', () =>
      connected(async (broker) => {
        const { bench, log } = await openLog(broker);
        expect(await headsOf(log)).toEqual([]);
        await bench.publish([...credits(6, 2), ...credits(2, 2)]);
        expect(await headsOf(log)).toEqual([
          { user: 'u-0', sequence: 3 },
          { user: 'u-1', sequence: 3 },
        ]);
      }));

    it('gives the events that it holds, in order and without doubles', () =>
      connected(async (broker) => {
        const { bench, log } = await openLog(broker);
        const events = credits(5, 1).filter(({ sequence }) => sequence !== 4);
        await bench.publish([...events].reverse());
        await bench.publish(events);
        const read = await log.read('u-0', 2, 9);
        expect(read.map(({ event }) => event)).toEqual(events.slice(1));
      }));

    it('never misses what was stored before it was asked, also while it reads for another', () =>
      connected(async (broker) => {
        const { bench, log } = await openLog(broker);
        await bench.publish(credits(20, 1));
        const earlier = log.read('u-0', 1, 20);
        await bench.publish(credits(21, 1).slice(20));
        const [event] = await log.read('u-0', 21, 21);
        expect(event?.event.sequence).toBe(21);
        expect(await earlier).toHaveLength(20);
      }));
  });
}

async function openLog(broker: CutBroker) {
  const bench = await ProjectorBench.open(broker);
  return { bench, log: openLogIndex(broker, bench.topic) };
}

async function headsOf(log: EventLog): Promise<readonly EventRef[]> {
  const heads: EventRef[] = [];
  for await (const head of log.heads()) heads.push(head);
  return heads.sort((left, right) => (left.user < right.user ? -1 : 1));
}

/** What was applied, in its order. */
function sequencesOf(bench: ProjectorBench | null): readonly number[] {
  return (bench?.effects ?? []).flatMap((body) => (body.type === 'effect' ? [body.sequence] : []));
}
