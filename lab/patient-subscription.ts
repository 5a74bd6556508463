/**
 * Patient subscription: joins where the place may still be taken.
 *
 * A broker notices a death a moment after it, so that a replacement finds an Exclusive subscription busy:
 *   1. c1#1 is killed.   2. c1#2 subscribes: busy.   3. The broker sees that the connection of c1#1 is gone.
 * Nobody else subscribes to the topic of a run, so a place that stays taken is a fault of the plan and ends the run.
 */
import { OrderlabError } from '../shared/errors';
import type { SubscribeOptions } from '../shared/model/subscription';
import type { Broker, Clock, Consumer } from '../shared/ports';

/** A closed connection is noticed within milliseconds, on an overloaded machine within seconds. */
const BUSY_DEADLINE_MS = 15_000;
const BUSY_PAUSE_MS = 50;

/** Rejects as `subscribe` does; with CONSUMER_BUSY only when the place was still taken at the deadline. */
export async function subscribePatiently(broker: Broker, options: SubscribeOptions, clock: Clock): Promise<Consumer> {
  const giveUpAtMs = clock.nowMs() + BUSY_DEADLINE_MS;
  for (;;) {
    try {
      return await broker.subscribe(options);
    } catch (thrown) {
      const isBusy = thrown instanceof OrderlabError && thrown.code === 'CONSUMER_BUSY';
      if (!isBusy || clock.nowMs() >= giveUpAtMs) throw thrown;
      await clock.sleep(BUSY_PAUSE_MS);
    }
  }
}
