/** Padding: messages of a wanted size, for loads whose events are larger than the lab's own. */
import type { OutgoingMessage } from '../shared/model/message';
import type { Producer } from '../shared/ports';

const SPACE = 0x20;

/**
 * Blanks behind the JSON text: the event that is read from it is the same, and broker, network and parser carry the
 * whole size. Payloads that are longer already stay as they are.
 */
export function paddingProducer(producer: Producer, payloadBytes: number): Producer {
  return {
    send: (message) => producer.send(padded(message, payloadBytes)),
    close: () => producer.close(),
  };
}

function padded(message: OutgoingMessage, payloadBytes: number): OutgoingMessage {
  if (message.payload.length >= payloadBytes) return message;
  const payload = new Uint8Array(payloadBytes).fill(SPACE);
  payload.set(message.payload);
  return { ...message, payload };
}
