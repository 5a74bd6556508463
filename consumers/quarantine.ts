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

/** Resolves when the message is kept and acknowledged. A store or broker that refuses is asked again: no retry loses it. */
export async function quarantine({ delivery, reason, owner, ports, meter, backoffMs }: Quarantined): Promise<void> {
  const { messageId, key } = delivery;
  const user = USER_ID.test(key) ? key : UNREADABLE_USER;
  const facts = { stream: 'Del', consumer: owner, messageId, user: key, sequence: null } as const;
  ports.recorder.record({ ...facts, type: 'quarantined', reason });
  await untilDone(() => ports.store.execute({ name: 'quarantine', user, messageId, reason }), ports, backoffMs);
  meter.count('quarantined');
  ports.recorder.record({ ...facts, type: 'ack-intended' });
  await untilDone(() => ports.consumer.ack(messageId), ports, backoffMs);
  ports.recorder.record({ ...facts, type: 'ack-confirmed' });
}

async function untilDone(act: () => Promise<unknown>, ports: ConsumerPorts, backoffMs: number): Promise<void> {
  while (!ports.lifecycle.stopping) {
    try {
      await act();
      return;
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError)) throw thrown;
      await ports.clock.sleep(backoffMs);
    }
  }
}
