/** Send limits: what a producer on a real Pulsar holds, whichever client it uses. */

/** Sends at the broker. Pulsar's own limit is 1,000 a producer; at it a client refuses, or blocks the event loop. */
export const SENDS_IN_FLIGHT_MAX = 500;
/** Sends that wait for their turn behind those; one more is refused. */
export const SENDS_WAITING_MAX = 10_000;
