/** Broker by URL. Loading a client takes a tenth of a second, so only who uses it does. */
import { openEmbeddedBroker } from '../shared/adapters/embedded-broker';
import { OrderlabError } from '../shared/errors';
import type { Broker, Consumer } from '../shared/ports';
import { brokerToken } from './broker-token';
import type { WorldOptions } from './world';

export interface OpenedBroker {
  readonly broker: Broker;
  sever(consumer: Consumer): void;
  close(): Promise<void>;
}

export async function openBroker(options: WorldOptions): Promise<OpenedBroker> {
  const { brokerUrl } = options;
  if (brokerUrl === 'embedded:') return openEmbedded(options);
  if (/^wss?:\/\//.test(brokerUrl)) return openWebSocket(options);
  if (/^pulsar(\+ssl)?:\/\//.test(brokerUrl)) return openNative(options);
  const supported =
    'embedded: (in process), ws://HOST:PORT, wss://HOST:PORT, pulsar://HOST:PORT, pulsar+ssl://HOST:PORT';
  throw new OrderlabError('UNSUPPORTED_URL', { option: '--broker', url: brokerUrl, supported });
}

function openEmbedded({ clock, deduplicates = false }: WorldOptions): OpenedBroker {
  const broker = openEmbeddedBroker({ clock, deduplicationEnabled: deduplicates });
  return { broker, sever: (consumer) => broker.severConsumer(consumer), close: () => broker.close() };
}

/** What both adapters are opened with. */
function settingsOf({ brokerUrl: url, namespace, role, deduplicates = false, onReconnect }: WorldOptions) {
  return {
    ...{ url, namespace, createsNamespace: role !== 'guest', deduplicates, token: brokerToken() },
    onReconnect: () => onReconnect?.('broker'),
  };
}

async function openWebSocket(options: WorldOptions): Promise<OpenedBroker> {
  const { adminUrl, namespace, role } = options;
  const { openPulsarWebSocket } =
    require('../shared/adapters/pulsar-websocket') as typeof import('../shared/adapters/pulsar-websocket');
  const admin = adminUrl === null ? {} : { adminUrl };
  const broker = await openPulsarWebSocket({ ...settingsOf(options), ...admin });
  return {
    broker,
    sever: (consumer) => broker.severConsumer(consumer),
    close: async () => {
      await broker.close();
      if (role === 'owner') await unlessGone(broker.admin.deleteNamespace(namespace));
    },
  };
}

/** Certificates are those that Node itself is told to trust. */
async function openNative(options: WorldOptions): Promise<OpenedBroker> {
  const { brokerUrl: url, adminUrl, namespace, role } = options;
  if (adminUrl === null) {
    const problem = `--broker ${url} needs --admin http://HOST:PORT: topics are made through Pulsar's admin API`;
    throw new OrderlabError('USAGE', { problem });
  }
  const { openPulsarNative } =
    require('../shared/adapters/pulsar-native') as typeof import('../shared/adapters/pulsar-native');
  const trustedCertificates = process.env.NODE_EXTRA_CA_CERTS ?? null;
  const broker = await openPulsarNative({ ...settingsOf(options), adminUrl, trustedCertificates });
  return {
    broker,
    sever: (consumer) => void broker.severConsumer(consumer),
    close: async () => {
      await broker.close();
      if (role === 'owner') await unlessGone(broker.admin.deleteNamespace(namespace));
    },
  };
}

/** A server that is gone keeps what it has; what broke the run was told before. */
export async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (thrown) {
    if (!(thrown instanceof OrderlabError)) throw thrown;
  }
}
