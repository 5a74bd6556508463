/** Admission of whoever asks for a WebSocket: by its kind, into its namespace. */
import { unreachable } from '../../shared/model/invariant';
import { admitConsumer } from './consumer-session';
import { readHandshake } from './handshake';
import type { Namespaces } from './namespaces';
import { admitProducer } from './producer-session';
import { admitReader } from './reader-session';
import { clientRefused, NOT_FOUND, RefusedError } from './refusal';
import type { ServedNamespace } from './served-namespace';
import type { Admission } from './session';

/** `path` with its query. Throws RefusedError. */
export async function admit(path: string, namespaces: Namespaces): Promise<Admission> {
  const handshake = readHandshake(path);
  const namespace = find(namespaces, handshake.namespace);
  switch (handshake.kind) {
    case 'producer':
      return admitProducer(handshake, namespace);
    case 'consumer':
      return admitConsumer(handshake, namespace);
    case 'reader':
      return admitReader(handshake, namespace);
    default:
      return unreachable(handshake, 'handshake');
  }
}

/** The client inside the broker is told, and its sentence is passed on. */
function find(namespaces: Namespaces, name: string): ServedNamespace {
  try {
    return namespaces.find(name);
  } catch (thrown) {
    if (thrown instanceof RefusedError) throw clientRefused(NOT_FOUND, thrown.problem);
    throw thrown;
  }
}
