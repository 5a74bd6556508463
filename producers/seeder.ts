/**
 * The seeder: brings an event store that may have gone back in time up to the topic again, before anything is accepted there.
 *
 * What was published is in the topic, whatever became of the store. Without it the store would give a sequence away twice, and
 * whoever reads the topic would take one of the two events and put the other aside (fault P10). What was accepted and not yet
 * published is gone with the store.
 */
import { OrderlabError } from '../shared/errors';
import { type Append, RELAY } from '../shared/model/append';
import type { UserEvent } from '../shared/model/event';
import type { Broker } from '../shared/ports';
import { decodeEvent } from '../shared/wire';
import type { EventStore } from '../shared/write-ports';

export interface SeederOptions {
  readonly store: EventStore;
  readonly broker: Pick<Broker, 'readLog'>;
  readonly topic: string;
}

/** Events that are appended together. */
const PAGE_COUNT_MAX = 256;

/**
 * Resolves with the number of events that it compared; nothing is read where the store is seeded. Nobody may publish meanwhile:
 * whoever relays seeds, between two of its rounds. Errors: STORE_DATA_INVALID where the topic itself has a hole.
 */
export async function seedWhereNeeded(options: SeederOptions): Promise<number> {
  const { store, broker, topic } = options;
  const incarnation = await store.unseeded();
  if (incarnation === null) return 0;
  /** What waits for the relay was kept and is published by it; what comes from the topic is published already. */
  const waits = (await store.readAfter(await store.cursorOf(RELAY), 1)).length > 0;
  let comparedCount = 0;
  let page: UserEvent[] = [];
  const flush = async (): Promise<void> => {
    await appendMissing(store, page);
    comparedCount += page.length;
    if (!waits) await passOver(store);
    page = [];
  };
  for await (const { payload } of broker.readLog(topic)) {
    const { event } = decodeEvent(payload);
    if (event !== null) page.push(event);
    if (page.length === PAGE_COUNT_MAX) await flush();
  }
  await flush();
  await store.markSeeded(incarnation);
  return comparedCount;
}

/**
 * As seedWhereNeeded, for who does so in rounds. False: store or broker could not be asked, and the next round tries again; what was
 * appended by then is found in its place.
 */
export async function isSeededBy(options: SeederOptions): Promise<boolean> {
  try {
    await seedWhereNeeded(options);
    return true;
  } catch (thrown) {
    if (thrown instanceof OrderlabError && thrown.code !== 'STORE_DATA_INVALID') return false;
    throw thrown;
  }
}

/** Those that follow what the store holds. An event that comes twice in the topic, or second at its place, is no news. */
async function appendMissing(store: EventStore, events: readonly UserEvent[]): Promise<void> {
  const answers = await Promise.all(events.map((event) => store.append(appendOf(event))));
  for (const [index, event] of events.entries()) {
    const answer = answers[index];
    const isThere = answer?.outcome === 'version-conflict' && answer.version >= event.sequence;
    if (answer?.outcome !== 'appended' && !isThere)
      throw new OrderlabError('STORE_DATA_INVALID', {
        what: 'the topic',
        problem: `${event.user} #${event.sequence} does not follow what stands before it (${answer?.outcome ?? 'nothing'})`,
      });
  }
}

/** An e-mail was unique when the event was accepted, and in the order of the topic it is so again. */
function appendOf(event: UserEvent): Append {
  const facts = { readVersion: event.sequence - 1, commandId: `seed-${event.id}`, writer: 'seeder' } as const;
  return { ...facts, event, guard: 'expected', uniqueEmail: true, request: null };
}

async function passOver(store: EventStore): Promise<void> {
  for (;;) {
    const [last] = (await store.readAfter(await store.cursorOf(RELAY), PAGE_COUNT_MAX)).slice(-1);
    if (last === undefined) return;
    await store.moveCursor(RELAY, last.position);
  }
}
