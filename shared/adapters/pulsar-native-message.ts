/** Messages of the native client and those of the lab. */
import { OrderlabError } from '../errors';
import type { OutgoingMessage } from '../model/message';
import { encodeMessageId, type PulsarMessageId, printMessageId } from './pulsar-message-id';
import type { NativeLibrary, NativeMessage, NativeMessageId, NativeOutgoingMessage } from './pulsar-native-library';

/**
 * Reads `(ledger,entry,partition,batch)`. A message inside a batch has no id of its own in the lab: acknowledging its
 * entry would acknowledge its neighbours, so it is refused, aloud. Nothing that the lab publishes is batched.
 */
export function readNativeId(id: NativeMessageId): PulsarMessageId {
  const text = id.toString();
  const [, ledgerId, entryId, partition, batchIndex] = /^\((-?\d+),(-?\d+),(-?\d+),(-?\d+)\)$/.exec(text) ?? [];
  if (ledgerId === undefined || batchIndex !== '-1') {
    const problem = `the message id ${text} is not that of an unbatched message: publish with batchingEnabled false`;
    throw new OrderlabError('MESSAGE_UNREADABLE', { problem });
  }
  return { ledgerId: Number(ledgerId), entryId: Number(entryId), partition: Number(partition) };
}

export function printNativeId(id: NativeMessageId): string {
  return printMessageId(readNativeId(id));
}

/** An id that the client accepts for any entry of the topic, whoever received it. */
export function nativeIdOf({ MessageId }: NativeLibrary, id: PulsarMessageId): NativeMessageId {
  return MessageId.deserialize(Buffer.from(encodeMessageId(id), 'base64'));
}

/** What a delivery and an entry of the log have in common. */
export function contentOf(message: NativeMessage) {
  return {
    key: message.getPartitionKey(),
    payload: message.getData(),
    properties: { ...message.getProperties() },
  };
}

/**
 * Errors: USAGE for what the client would damage without a word: it cuts keys and properties at a zero character, and no
 * message with a property that is called `length` can be read through it.
 */
export function nativeMessageOf({ key, payload, properties, sequenceId }: OutgoingMessage): NativeOutgoingMessage {
  const names = Object.keys(properties);
  if ([key, ...names, ...Object.values(properties)].some((text) => text.includes('\0'))) {
    throw new OrderlabError('USAGE', { problem: 'a key or property with a zero character cannot be sent' });
  }
  if (names.includes('length')) {
    throw new OrderlabError('USAGE', { problem: 'a property that is called "length" cannot be sent' });
  }
  const data = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return {
    ...{ data, properties: { ...properties } },
    ...(key === '' ? {} : { partitionKey: key }),
    ...(sequenceId === undefined ? {} : { sequenceId }),
  };
}
