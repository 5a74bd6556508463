/** Conformance within one process, in virtual time: as exact as on a real broker, and no slower than its work. */
import { REAL_TEMPO, type Tempo } from '../../lab/conformance/tempo';
import { openVirtualClock, type VirtualClock } from './virtual-clock';

export interface VirtualTempo extends Tempo {
  readonly clock: VirtualClock;
}

export function virtualTempo(): VirtualTempo {
  // A barrier that is not reached is found out after the longest delay that a script may wait for.
  return { ...REAL_TEMPO, deadlineMs: 8_000, clock: openVirtualClock() };
}
