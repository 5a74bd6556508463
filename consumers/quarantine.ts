/** Quarantine: a message that no event can be read from is kept with its reason, then acknowledged. Never lost, never a crash. */
import { OrderlabError } from '../shared/errors';
import type { Delivery } from '../shared/model/message';
import type { Meter } from '../shared/ports';
import { type UnreadableReason, USER_ID } from '../shared/wire';
import type { ConsumerPorts } from './performer';

/** Where messages go whose key cannot be a user's id. */
export const UNREADABLE_USER = 'unreadable';

export interface Quarantined {
  readonly delivery: Delivery;
  readonly reason: UnreadableReason;
  readonly owner: string;
  readonly ports: ConsumerPorts;
  readonly meter: Meter;
  readonly backoffMs: number;
}

/**
 * Resolves when the message is kept and acknowledged. A store or broker that refuses is asked again: no retry loses it.
 * After a stop nothing is asked again: the message stays unacknowledged, and closing hands it to others.
 */
export async function quarantine({ delivery, reason, owner, ports, meter, backoffMs }: Quarantined): Promise<void> {
  const { messageId, key } = delivery;
  const user = USER_ID.test(key) ? key : UNREADABLE_USER;
  const facts = { stream: 'Del', consumer: owner, messageId, user: key, sequence: null } as const;
  ports.recorder.record({ ...facts, type: 'quarantined', reason });
  const keep = () => ports.store.execute({ name: 'quarantine', user, messageId, reason });
  if (!(await isDone(keep, ports, backoffMs))) return;
  meter.count('quarantined');
  ports.recorder.record({ ...facts, type: 'ack-intended' });
  if (!(await isDone(() => ports.consumer.ack(messageId), ports, backoffMs))) return;
  ports.recorder.record({ ...facts, type: 'ack-confirmed' });
}

/** Tries until it is done; false when it failed and the consumer is to stop. */
async function isDone(act: () => Promise<unknown>, ports: ConsumerPorts, backoffMs: number): Promise<boolean> {
  for (;;) {
    try {
      const writing = ports.recorder.written();
      if (writing !== null) await writing;
      await act();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError)) throw thrown;
      if (ports.lifecycle.stopping) return false;
      await ports.clock.sleep(backoffMs);
    }
  }
}
