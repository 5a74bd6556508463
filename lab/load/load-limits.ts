/** Limits of loads and of the port that is scraped, apart from the libraries that their users load. */

/** Events per second that one process may be asked for. */
export const LOAD_RATE_MAX = 1_000_000;
/** Seconds that a load may last: a day. Its report has a line for each. */
export const LOAD_DURATION_S_MAX = 86_400;
/** A longer latency counts as this one, in milliseconds: an hour. */
export const LATENCY_MS_MAX = 3_600_000;
/** Processes of one load that meet. */
export const LOAD_WORKER_COUNT_MAX = 64;
/** Connections to the metrics port at a time; one more is refused. A Prometheus needs one. */
export const METRICS_CONNECTION_COUNT_MAX = 16;
