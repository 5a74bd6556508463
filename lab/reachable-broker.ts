/** Reachable broker: what lives inside this process, put on a socket for the processes of a run. */
import type { Place } from './world';

/**
 * Lets `work` happen where every process of it can go. The embedded broker is served on a free port of this machine for
 * as long as it takes; every other broker is reachable as it is.
 */
export async function onReachableBroker<T>(
  place: Place,
  processes: boolean,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  if (!processes || place.brokerUrl !== 'embedded:') return work(place);
  /** Loading the HTTP server takes a tenth of a second, so only who needs it does. */
  const { serveBroker } = require('./broker-server/broker-server') as typeof import('./broker-server/broker-server');
  const server = await serveBroker();
  try {
    return await work({ ...place, brokerUrl: server.url });
  } finally {
    await server.close();
  }
}
