/** Server limits: what a served broker takes of anybody, so that nobody can exhaust it. */

/** Connections at a time; one more is refused with HTTP 503. */
export const CONNECTION_COUNT_MAX = 4_096;
/** Bytes of one text, as Pulsar's webSocketMaxTextFrameSize; a longer one closes its connection with 1009. */
export const FRAME_BYTES_MAX = 1024 * 1024;
/** Bytes of the body of a call of the admin API; a longer one is refused with HTTP 413. */
export const ADMIN_BODY_BYTES_MAX = 16 * 1024;
/** Bytes that wait for a client which does not read; at it nothing more is asked of the broker for it. */
export const SOCKET_BUFFER_BYTES_MAX = 4 * 1024 * 1024;
/** By how much a fault may hold back what goes to clients, milliseconds; more is refused: such a broker is gone. */
export const FAULT_DELAY_MS_MAX = 60_000;
