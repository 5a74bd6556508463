/** Picture: what the live page shows of one run. Plain data of bounded size: every state is told whole. */
import type { HashRange, SubscriptionType } from '../../../shared/model/subscription';

/** Users with a lane. */
export const LANE_COUNT_MAX = 12;
/** The latest effects of a lane; earlier ones are counted. */
export const ARRIVAL_COUNT_MAX = 40;
/** Keys on the ring: those with lanes, then those in flight. */
export const RING_KEY_COUNT_MAX = 40;
/** The latest notes. */
export const NOTE_COUNT_MAX = 40;
/** Points of the curve; at it every second one goes. */
export const CURVE_POINT_COUNT_MAX = 240;

/** What an effect was, with respect to those of its user before it. again: the event had had its effect. */
export type Finding = 'in-order' | 'swapped' | 'again';

export interface Arrival {
  readonly sequence: number;
  readonly consumer: string;
  readonly finding: Finding;
}

/** The effects of one user, in the order in which they happened. */
export interface Lane {
  readonly user: string;
  readonly earlierCount: number;
  readonly arrivals: readonly Arrival[];
  readonly swappedCount: number;
}

export interface PictureConsumer {
  /** `c1`, whatever its life. */
  readonly name: string;
  readonly status: 'working' | 'left' | 'killed';
  /** Of sticky hashes; empty unless the subscription is Key_Shared. */
  readonly ranges: readonly HashRange[];
  /** Messages that it holds unacknowledged. */
  readonly heldCount: number;
  readonly appliedCount: number;
}

/** Messages of one key at one consumer. */
export interface Holding {
  readonly consumer: string;
  readonly sequences: readonly number[];
}

export interface PictureKey {
  readonly user: string;
  readonly hash: number;
  /** Whose range the hash is in; null: nobody's, or the subscription is not Key_Shared. */
  readonly owner: string | null;
  readonly holdings: readonly Holding[];
  /** The range moved on while another consumer holds messages of the key: the new owner waits. */
  readonly isDraining: boolean;
}

export interface Note {
  /** Of all notes, from 1. */
  readonly number: number;
  readonly kind: 'swapped' | 'again' | 'consumer' | 'fault' | 'end';
  readonly text: string;
}

export interface PictureCounts {
  readonly published: number;
  readonly delivered: number;
  readonly redelivered: number;
  readonly applied: number;
  /** X3 so far: events whose effect came after that of a later event of their user. */
  readonly swapped: number;
  /** X2 so far: effects of events that had had theirs. */
  readonly repeated: number;
  /** Deliveries whose effect was there already. */
  readonly absorbed: number;
}

export interface Picture {
  readonly subscriptionType: SubscriptionType | null;
  readonly strategy: string;
  readonly scenario: string;
  readonly seed: string;
  /** In the order in which they first joined. */
  readonly consumers: readonly PictureConsumer[];
  readonly keys: readonly PictureKey[];
  readonly lanes: readonly Lane[];
  readonly counts: PictureCounts;
  /** Events with effect, and how many of them were swapped by then. */
  readonly curve: readonly (readonly [applied: number, swapped: number])[];
  readonly notes: readonly Note[];
  readonly isOver: boolean;
}
