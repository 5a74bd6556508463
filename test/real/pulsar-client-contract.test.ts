/** The contract of the Node client on the native one, over a real Pulsar: what the drop-in of the kit is held against. */
import { invariant } from '../../shared/model/invariant';
import { type ClientLibrary, describeClient } from '../contract/client-contract';
import { describeNative } from '../support/pulsar-native';

describeNative('its own contract', (addresses) => {
  describeClient('that is native', () => ({ library: nativeLibrary(), serviceUrl: addresses().url }));
});

function nativeLibrary(): ClientLibrary {
  const library: unknown = require('pulsar-client');
  invariant(typeof library === 'object' && library !== null, 'the client is a module');
  return library as ClientLibrary;
}
