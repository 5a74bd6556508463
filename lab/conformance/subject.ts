/** Subjects of a conformance run: a broker behind the port, and what can be seen of it beside the port. */
import { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import type { UnackedLimits } from '../../shared/adapters/pulsar-admin';
import { type PulsarMessageId, parseMessageId } from '../../shared/adapters/pulsar-message-id';
import { openPulsarWebSocket } from '../../shared/adapters/pulsar-websocket';
import { invariant } from '../../shared/model/invariant';
import type { Broker, Clock, Consumer } from '../../shared/ports';
import { brokerToken } from '../broker-token';
import { modelCursors, pulsarCursors } from './cursor-text';

/** A subscription on one partition, as statistics of either side tell it. */
export interface Sight {
  /** -1: a plain topic. */
  readonly partition: number;
  readonly type: string;
  readonly backlog: number;
  readonly replayCount: number;
  readonly activeConsumerName: string | null;
  /** It reads nothing new: its consumers hold as many unacknowledged messages as they may. */
  readonly isBlocked: boolean;
  readonly consumers: readonly ConsumerSight[];
}

export interface ConsumerSight {
  readonly consumerName: string;
  readonly permits: number;
  readonly unackedCount: number;
  readonly isBlocked: boolean;
  readonly hashRanges: readonly (readonly [start: number, end: number])[];
  readonly drainingHashes: readonly { readonly hash: number; readonly unackMsgs: number }[];
}

export interface Subject {
  /** For people: `model` or `pulsar`. */
  readonly name: string;
  readonly broker: Broker;
  /** The topic's name at the port. Failover hashes the full name, so both sides must be asked for the same one. */
  topicOf(name: string): string;
  look(topic: string, partitionCount: number, subscription: string): Promise<readonly Sight[]>;
  /** Where the cursor stands in each partition, as a text that is the same for the same acknowledgements. */
  cursors(topic: string, partitionCount: number, subscription: string): Promise<readonly string[]>;
  sever(consumer: Consumer): void;
  limit(topic: string, limits: UnackedLimits): Promise<void>;
  unload(topic: string): Promise<void>;
  /** The message of that id comes next. */
  seek(topic: string, subscription: string, messageId: string): Promise<void>;
  close(): Promise<void>;
}

/** Delays that both sides are opened with, milliseconds. */
export interface Delays {
  readonly negativeAckMs: number;
  /** How long a Failover subscription serves nobody after a change. A real broker has its own: 1000. */
  readonly takeOverMs: number;
  /** How long the application of a consumer that times out may hold a message. Pulsar takes no less than 1000. */
  readonly ackTimeoutMs: number;
  /** How often a client looks for such messages. A real one has its own: 1000. */
  readonly ackTimeoutTickMs: number;
}

export interface SubjectOptions {
  /** `tenant/namespace`. */
  readonly namespace: string;
  readonly delays: Delays;
}

/** `open` is the model's, or that of a mutant of it. */
export function openModel(
  { namespace, delays }: SubjectOptions,
  clock: Clock,
  open: typeof openEmbeddedBroker = openEmbeddedBroker,
): Subject {
  const { negativeAckMs: negativeAckDelayMs, takeOverMs: failoverDelayMs, ackTimeoutTickMs } = delays;
  const broker = open({ clock, negativeAckDelayMs, failoverDelayMs, ackTimeoutTickMs });
  return {
    name: 'model',
    broker,
    topicOf: (name) => `persistent://${namespace}/${name}`,
    look: async (topic, _partitionCount, subscription) => broker.view(topic, subscription),
    cursors: async (topic, _partitionCount, subscription) => modelCursors(broker.viewLogs(topic), subscription),
    sever: (consumer) => broker.severConsumer(consumer),
    limit: async (topic, { perConsumerMax: unackedPerConsumerMax, perSubscriptionMax: unackedPerSubscriptionMax }) =>
      broker.setTopicPolicies(topic, { unackedPerConsumerMax, unackedPerSubscriptionMax }),
    unload: async (topic) => broker.unload(topic),
    seek: async (topic, subscription, messageId) => {
      const { partition, entryId } = idIn(messageId);
      broker.seek(topic, subscription, new Map([[partition, entryId]]));
    },
    close: () => broker.close(),
  };
}

function idIn(messageId: string): PulsarMessageId {
  const id = parseMessageId(messageId);
  invariant(id !== null, 'an id that an adapter gave can be read');
  return id;
}

export interface PulsarAddress {
  /** `ws://HOST:PORT` or `wss://…`. */
  readonly url: string;
  /** Null: derived from `url`. */
  readonly adminUrl: string | null;
}

/** Its namespace is created, and deleted with everything in it when the subject is closed. */
export async function openPulsar({ namespace, delays }: SubjectOptions, address: PulsarAddress): Promise<Subject> {
  const { url, adminUrl } = address;
  const broker = await openPulsarWebSocket({
    ...{ url, namespace, negativeAckDelayMs: delays.negativeAckMs },
    ...(adminUrl === null ? {} : { adminUrl }),
    token: brokerToken(),
  });
  return {
    name: 'pulsar',
    broker,
    topicOf: (name) => name,
    look: async (topic, partitionCount, subscription) =>
      (await broker.admin.subscriptionStats(`${namespace}/${topic}`, partitionCount, subscription)) ?? [],
    cursors: (topic, partitionCount, subscription) =>
      pulsarCursors(broker.admin, `${namespace}/${topic}`, partitionCount, subscription),
    sever: (consumer) => broker.severConsumer(consumer),
    limit: (topic, limits) => broker.admin.setUnackedLimits(`${namespace}/${topic}`, limits),
    unload: (topic) => broker.admin.unload(`${namespace}/${topic}`),
    seek: async (topic, subscription, messageId) => {
      const id = idIn(messageId);
      const place = id.partition === -1 ? topic : `${topic}-partition-${id.partition}`;
      await broker.admin.resetCursor(`${namespace}/${place}`, subscription, id);
    },
    close: async () => {
      await broker.close();
      await broker.admin.deleteNamespace(namespace);
    },
  };
}
