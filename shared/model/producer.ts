/** Producers: how one shares its topic with others (PIP-68, pulsar-semantics 5.3). */

/**
 * shared: with every other shared one. exclusive: alone, or refused. wait-for-exclusive: waits until it is alone.
 * exclusive-with-fencing: alone at once, by cutting off all others, who find out when they send.
 */
export const ACCESS_MODES = ['shared', 'exclusive', 'wait-for-exclusive', 'exclusive-with-fencing'] as const;
export type AccessMode = (typeof ACCESS_MODES)[number];

/** Pulsar's own spelling, the same in every client and in the statistics. */
export const PULSAR_ACCESS_MODE = {
  shared: 'Shared',
  exclusive: 'Exclusive',
  'wait-for-exclusive': 'WaitForExclusive',
  'exclusive-with-fencing': 'ExclusiveWithFencing',
} as const satisfies Readonly<Record<AccessMode, string>>;

/**
 * Messages that are sent together and stored as one entry. The entry goes where its first message belongs, so under `default`,
 * which mixes keys, Key_Shared keeps no order of the others; `key-based` makes a batch per key (pulsar-semantics 5.1).
 */
export interface Batching {
  /** Pulsar: DefaultBatching, KeyBasedBatching. */
  readonly type: 'default' | 'key-based';
  /** Messages at which what waits is sent, at least 1. Pulsar's clients: 1000. */
  readonly maxMessages: number;
  /** Milliseconds after which it is sent anyway. Pulsar's clients: 10. */
  readonly maxPublishDelayMs: number;
}

/** What a producer asks for when it is created. An adapter that cannot do what a field asks refuses it by name. */
export interface ProducerOptions {
  /** Default `shared`. It holds per partition, and is no lock of a key. */
  readonly accessMode?: AccessMode;
  /** Default null: each message is an entry of its own. */
  readonly batching?: Batching | null;
}
