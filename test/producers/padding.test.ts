/** Messages of a wanted size carry the same event. */
import { paddingProducer } from '../../producers/padding';
import type { UserEvent } from '../../shared/model/event';
import type { OutgoingMessage } from '../../shared/model/message';
import { decodeEvent, encodeEvent } from '../../shared/wire';
import { credits } from '../support/user-event';

const event = credits(1, 1)[0] as UserEvent;

async function sent(payloadBytes: number): Promise<Uint8Array> {
  const messages: OutgoingMessage[] = [];
  const bare = { send: async (message: OutgoingMessage) => String(messages.push(message)), close: async () => {} };
  const payload = encodeEvent(event);
  await paddingProducer(bare, payloadBytes).send({ key: event.user, payload, properties: {} });
  return messages[0]?.payload ?? new Uint8Array();
}

it('makes a short message as long as wanted, and the event in it stays the same', async () => {
  const payload = await sent(2_000);
  expect(payload).toHaveLength(2_000);
  expect(decodeEvent(payload).event).toEqual(event);
});

it('leaves a longer message as it is', async () => {
  expect(await sent(10)).toEqual(encodeEvent(event));
});
