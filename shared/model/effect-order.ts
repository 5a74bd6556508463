/** Order of effects: what the store's answer says about the place of an effect in its user's stream. */

/**
 * next: the version before was its predecessor's. hole: predecessors were missing. older: a later event had its effect
 * before, so two events are swapped. repeated: the same event had just had its effect.
 */
export const EFFECT_ORDERS = ['next', 'hole', 'older', 'repeated'] as const;
export type EffectOrder = (typeof EFFECT_ORDERS)[number];

/**
 * The store serialises a user's effects and answers each with the version before it, whatever the strategy checks. So
 * one call sees what no consumer can see alone: of 1, 3 at one and 2, 4 at another, each by itself ascends.
 */
export function effectOrder(sequence: number, versionBefore: number): EffectOrder {
  if (sequence === versionBefore + 1) return 'next';
  if (sequence === versionBefore) return 'repeated';
  return sequence > versionBefore ? 'hole' : 'older';
}
