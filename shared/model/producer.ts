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

/** What a producer asks for when it is created. An adapter that cannot do what a field asks refuses it by name. */
export interface ProducerOptions {
  /** Default `shared`. It holds per partition, and is no lock of a key. */
  readonly accessMode?: AccessMode;
}
