/** Read back: after quiescence, the log by an independent reader, and what the store holds. */
import { decodeEvent } from '../shared/wire';
import type { Recorders } from './recorders';
import type { TimedEffect, World } from './world';

/** The log of each topic, then the end states. */
export async function readBack(
  { broker, store }: World,
  topics: readonly string[],
  recorders: Recorders,
): Promise<void> {
  const log = recorders.open('log');
  for (const topic of topics) {
    for await (const { messageId, partition, position, key, payload } of broker.readLog(topic)) {
      const { event, digest, reason } = decodeEvent(payload);
      const place = { topic, partition, position, messageId, key };
      log.record({ stream: 'Log', type: 'entry', ...place, event, digest, reason });
    }
  }
  const states = recorders.open('state');
  for await (const body of store.dump()) states.record(body);
}

/**
 * The journal of a store that other processes wrote to, placed by the store's clock. The sort is stable and a user's
 * entries come in store order, so that order stays exact whatever the clock did.
 */
export async function readEffects(world: World, recorders: Recorders): Promise<void> {
  const effects: TimedEffect[] = [];
  for await (const effect of world.effects()) effects.push(effect);
  effects.sort((left, right) => left.atMs - right.atMs);
  let placeMs = 0;
  const journal = recorders.open('store', () => placeMs);
  for (const { body, atMs } of effects) {
    placeMs = atMs;
    journal.record(body);
  }
}
