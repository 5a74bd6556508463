/** Reachable broker: what lives inside this process, put on a socket for whoever comes from outside. */
import type { Place } from './world';

/**
 * Lets `work` happen where every process of it can go. The embedded broker is served on a free port of this machine for
 * as long as it takes; every other broker is reachable as it is.
 */
export function onReachableBroker<T>(place: Place, processes: boolean, work: (place: Place) => Promise<T>): Promise<T> {
  if (!processes) return work(place);
  return onServedBroker(place.brokerUrl, (brokerUrl) => work({ ...place, brokerUrl }));
}

/** `embedded:` becomes the address of a broker that is served until `work` ends; another address stays what it is. */
export async function onServedBroker<T>(brokerUrl: string, work: (brokerUrl: string) => Promise<T>): Promise<T> {
  if (brokerUrl !== 'embedded:') return work(brokerUrl);
  /** Loading the HTTP server takes a tenth of a second, so only who needs it does. */
  const { serveBroker } = require('./broker-server/broker-server') as typeof import('./broker-server/broker-server');
  const server = await serveBroker();
  try {
    return await work(server.url);
  } finally {
    await server.close();
  }
}
