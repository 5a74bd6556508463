/** Message id text: the base64 that Pulsar's WebSocket API prints, which names the size of a batch too: 0, none. */
import { encodeMessageId, type PulsarMessageId } from '../../shared/adapters/pulsar-message-id';

/** Field 6, varint, 0. */
const NO_BATCH = [6 << 3, 0];

export function messageIdText(id: PulsarMessageId): string {
  return Buffer.concat([Buffer.from(encodeMessageId(id), 'base64'), Buffer.from(NO_BATCH)]).toString('base64');
}
