/** One stored message. */
import type { LogEntry } from '../model/message';

/** Frozen, so that snapshots share it. */
export interface Entry extends LogEntry {
  /** Hash of the key, 31 bits: routing and sticky hashes both come from it. */
  readonly murmur: number;
  /** When the broker got it, on its clock. */
  readonly publishedAtMs: number;
}
