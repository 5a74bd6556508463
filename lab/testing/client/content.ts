/**
 * What a message carries beyond the port's key, payload and properties. It travels in a property of a name that no
 * client can send: the native one cuts names at a zero character.
 */
import type { OutgoingMessage } from '../../../shared/model/message';

export interface Attributes {
  /** Empty when the message has none. */
  readonly partitionKey: string;
  readonly orderingKey: string;
  readonly producerName: string;
  /** Epoch milliseconds; 0: none. */
  readonly publishTimestamp: number;
  readonly eventTimestamp: number;
}

/** Begins every name that consumers do not see. */
export const HIDDEN = '\0';
const CARRIER = `${HIDDEN}attributes`;

export function withAttributes(message: OutgoingMessage, attributes: Attributes): OutgoingMessage {
  return { ...message, properties: { ...message.properties, [CARRIER]: JSON.stringify(attributes) } };
}

/** A message that was published through the port itself has none but its key. */
export function attributesOf({ key, properties }: Pick<OutgoingMessage, 'key' | 'properties'>): Attributes {
  const carried = properties[CARRIER];
  if (carried !== undefined) return JSON.parse(carried) as Attributes;
  return { partitionKey: key, orderingKey: '', producerName: '', publishTimestamp: 0, eventTimestamp: 0 };
}

export function propertiesOf({ properties }: Pick<OutgoingMessage, 'properties'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !name.startsWith(HIDDEN)));
}
