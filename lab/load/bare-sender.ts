/** Bare sender: the messages of a load, sent by the client alone. What a load is measured against. */
import type { OutgoingMessage } from '../../shared/model/message';
import type { Producer } from '../../shared/ports';
import { encodeEvent } from '../../shared/wire';
import { eventsOf } from './load';
import type { LoadSettings } from './load-settings';

/** All that the workload has, made before anything is measured. */
export async function bareMessages(settings: LoadSettings): Promise<readonly OutgoingMessage[]> {
  const messages: OutgoingMessage[] = [];
  for await (const event of eventsOf(settings)) {
    messages.push({ key: event.user, payload: encodeEvent(event), properties: {} });
  }
  return messages;
}

/** Resolves when each is stored; at most so many are under way at a time. */
export async function sendBare(
  producer: Producer,
  messages: readonly OutgoingMessage[],
  inFlightMax: number,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let message = messages[next]; message !== undefined; message = messages[next]) {
      next += 1;
      await producer.send(message);
    }
  };
  await Promise.all(Array.from({ length: inFlightMax }, lane));
}
