/** Limits of the live page. */

/** Pages that look at one run at a time; one more is refused. */
export const PAGE_COUNT_MAX = 16;
/** Bytes of a command. */
export const PAGE_BODY_BYTES_MAX = 1_024;
