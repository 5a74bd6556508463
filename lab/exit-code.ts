/** Exit codes: 0 valid, 1 invalid, 2 unknown, 3 infrastructure, 64 usage. */
import type { VerdictStatus } from '../shared/model/verdict';

export const EXIT_BY_VERDICT: Readonly<Record<VerdictStatus, number>> = { valid: 0, invalid: 1, unknown: 2 };
export const EXIT_INFRASTRUCTURE = 3;
export const EXIT_USAGE = 64;
/** A second Ctrl-C ends at once, as shells expect of SIGINT. */
export const EXIT_INTERRUPTED = 130;
