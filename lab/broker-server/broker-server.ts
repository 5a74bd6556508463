/**
 * Broker server: the embedded broker on a socket, as Pulsar's WebSocket API and the part of its admin API that the lab
 * uses. Any client of these can be put on it; docs/broker.md says what is served and what is refused.
 */
import { systemClock } from '../../shared/adapters/system-clock';
import { registerAdmin } from './admin-routes';
import { createHttpServer, listen } from './http-server';
import { Namespaces } from './namespaces';
import { Sessions } from './sessions';

const IDLE_TIMEOUT_MS = 300_000;

export interface BrokerServerOptions {
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Of a silent connection, milliseconds, default 300,000. */
  readonly idleTimeoutMs?: number;
  /** How long Failover serves nobody after a change, milliseconds, default 1000 as in Pulsar. */
  readonly failoverDelayMs?: number;
}

export interface BrokerServer {
  /** `ws://HOST:PORT`: what `--broker` takes. */
  readonly url: string;
  /** `http://HOST:PORT`. */
  readonly adminUrl: string;
  /** Everything that it holds is gone then. Idempotent. */
  close(): Promise<void>;
}

/** Rejects with PORT_IN_USE. */
export async function serveBroker(options: BrokerServerOptions = {}): Promise<BrokerServer> {
  const { host = '127.0.0.1', port = 0, idleTimeoutMs = IDLE_TIMEOUT_MS, ...settings } = options;
  const namespaces = new Namespaces({ clock: systemClock, ...settings });
  const sessions = new Sessions({ namespaces, idleTimeoutMs, delayMs: () => 0, refusal: () => null });
  const server = createHttpServer();
  registerAdmin(server, namespaces);
  server.server.on('upgrade', (request, socket, head) => void sessions.upgrade(request, socket, head));
  const chosen = await listen(server, host, port);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await sessions.close();
    await namespaces.close();
    await server.close();
  };
  const site = `${host.includes(':') ? `[${host}]` : host}:${chosen}`;
  return { url: `ws://${site}`, adminUrl: `http://${site}`, close: () => (closing ??= close()) };
}
