/** Subjects of a conformance run: a broker behind the port, and what can be seen of it beside the port. */
import { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { openPulsarWebSocket } from '../../shared/adapters/pulsar-websocket';
import type { Broker, Clock, Consumer } from '../../shared/ports';

/** A subscription on one partition, as statistics of either side tell it. */
export interface Sight {
  /** -1: a plain topic. */
  readonly partition: number;
  readonly type: string;
  readonly backlog: number;
  readonly replayCount: number;
  readonly activeConsumerName: string | null;
  readonly consumers: readonly ConsumerSight[];
}

export interface ConsumerSight {
  readonly consumerName: string;
  readonly permits: number;
  readonly unackedCount: number;
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
  sever(consumer: Consumer): void;
  close(): Promise<void>;
}

/** Delays that both sides are opened with, milliseconds. */
export interface Delays {
  readonly negativeAckMs: number;
  /** How long a Failover subscription serves nobody after a change. A real broker has its own: 1000. */
  readonly takeOverMs: number;
}

export interface SubjectOptions {
  /** `tenant/namespace`. */
  readonly namespace: string;
  readonly delays: Delays;
}

export function openModel({ namespace, delays }: SubjectOptions, clock: Clock): Subject {
  const { negativeAckMs: negativeAckDelayMs, takeOverMs: failoverDelayMs } = delays;
  const broker = openEmbeddedBroker({ clock, negativeAckDelayMs, failoverDelayMs });
  return {
    name: 'model',
    broker,
    topicOf: (name) => `persistent://${namespace}/${name}`,
    look: async (topic, _partitionCount, subscription) => broker.view(topic, subscription),
    sever: (consumer) => broker.severConsumer(consumer),
    close: () => broker.close(),
  };
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
  });
  return {
    name: 'pulsar',
    broker,
    topicOf: (name) => name,
    look: async (topic, partitionCount, subscription) =>
      (await broker.admin.subscriptionStats(`${namespace}/${topic}`, partitionCount, subscription)) ?? [],
    sever: (consumer) => broker.severConsumer(consumer),
    close: async () => {
      await broker.close();
      await broker.admin.deleteNamespace(namespace);
    },
  };
}
