/** Limits of the HTTP API of the user service. Every one of them is somebody's way in when it is missing. */

/** Bytes of a body. A command is a few hundred. */
export const API_BODY_BYTES_MAX = 16 * 1024;
/** How deep a body may nest. A command is one object. */
export const API_DEPTH_MAX = 4;
/** Connections to one instance; one more is refused by the kernel's queue. */
export const API_CONNECTION_COUNT_MAX = 1_024;
/** Requests over one connection; then it is closed, so that load spreads again over the instances. */
export const API_REQUESTS_PER_SOCKET_MAX = 10_000;
/** Commands under way at once; one more is refused with OVERLOADED. */
export const API_IN_FLIGHT_COUNT_MAX = 512;
/** Requests of one principal, and of all principals on one user, in RATE_WINDOW_MS. */
export const API_PRINCIPAL_RATE_MAX = 20_000;
export const API_USER_RATE_MAX = 500;
export const RATE_WINDOW_MS = 1_000;
/** A request that has not arrived whole, and a connection that says nothing, is ended after this. */
export const ARRIVAL_DEADLINE_MS = 5_000;
/** A handler that has not answered is given up. */
export const HANDLER_DEADLINE_MS = 15_000;
/** What waits for a request that is under way when the instance is asked to end. */
export const CLOSE_DEADLINE_MS = 5_000;
/** Longest that `Prefer: wait=N` waits, in seconds. */
export const WAIT_SECONDS_MAX = 10;
/** An event loop that is this late sheds load. */
export const LOOP_DELAY_MS_MAX = 1_000;
/** Characters of an idempotency key, as the IETF draft and Stripe have it. */
export const REQUEST_KEY_LENGTH_MAX = 255;
