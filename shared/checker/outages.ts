/**
 * Outages: faults of the broker, and which acknowledgements they may have undone (anomalies 4, the waiver of rollbacks).
 *
 * Pulsar persists what was acknowledged lazily, and clients group acknowledgements. So a broker that ended may hand out
 * again what had been acknowledged, once per outage, and only above what it had persisted where that is known.
 */
import type { FaultBody } from '../model/history';
import { standsAfter } from './message-order';

/** The faults after which a broker begins anew with what it has persisted. */
export type OutageFault = 'unload' | 'broker-restart' | 'broker-kill';

/** lost: the latest outage may have undone the acknowledgement. kept: it must not have. none: no outage since. */
export type Undoing = { readonly kind: 'lost' | 'kept'; readonly fault: OutageFault } | { readonly kind: 'none' };

export class Outages {
  #latest: OutageFault | null = null;
  #struckCount = 0;
  #endedCount = 0;
  /** Per partition, as message ids; empty: unknown. */
  #kept: readonly string[] = [];

  /** The outage that this record begins, or null. */
  observe(record: FaultBody): OutageFault | null {
    const { fault } = record;
    if (!isOutage(fault)) return null;
    switch (record.type) {
      case 'struck':
        this.#latest = fault;
        this.#struckCount += 1;
        this.#kept = [];
        return fault;
      case 'kept':
        this.#kept = record.positions;
        return null;
      case 'ended':
        this.#endedCount = this.#struckCount;
        return null;
      case 'missed':
        return null;
    }
  }

  /** Outages that are over. An acknowledgement is dated by it: what is sent during an outage may be lost in it. */
  get endedCount(): number {
    return this.#endedCount;
  }

  /** The outage that has begun and is not over. */
  get underWay(): OutageFault | null {
    return this.#struckCount > this.#endedCount ? this.#latest : null;
  }

  /** What the latest outage may have done to a message that was acknowledged when `endedCount` was `acknowledgedAfter`. */
  undoing(messageId: string, acknowledgedAfter: number): Undoing {
    if (this.#latest === null || this.#struckCount <= acknowledgedAfter) return { kind: 'none' };
    return { kind: this.#isKept(messageId) ? 'kept' : 'lost', fault: this.#latest };
  }

  #isKept(messageId: string): boolean {
    const position = this.#kept.find((kept) => partitionOf(kept) === partitionOf(messageId));
    return position !== undefined && (position === messageId || standsAfter(position, messageId));
  }
}

function isOutage(fault: FaultBody['fault']): fault is OutageFault {
  return fault === 'unload' || fault === 'broker-restart' || fault === 'broker-kill';
}

function partitionOf(messageId: string): string {
  return messageId.split(':')[2] ?? '';
}
