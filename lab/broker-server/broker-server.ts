/**
 * Broker server: the embedded broker on a socket, as Pulsar's WebSocket API and the part of its admin API that the lab
 * uses. Any client of these can be put on it; docs/broker.md says what is served and what is refused.
 */
import { systemClock } from '../../shared/adapters/system-clock';
import type { BrokerSettings } from '../../shared/simulator/broker-settings';
import { registerAdmin } from './admin-routes';
import { FaultBoard } from './fault-board';
import type { FaultControl } from './fault-client';
import { openFaultPort } from './fault-port';
import { createHttpServer, listen } from './http-server';
import { Namespaces } from './namespaces';
import { Sessions } from './sessions';

const IDLE_TIMEOUT_MS = 300_000;

/** Pulsar's defaults hold for every setting of the model that is left out. */
export interface BrokerServerOptions extends Partial<BrokerSettings> {
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string;
  /** Default 0: one that is free. */
  readonly port?: number;
  /** Of a silent connection, milliseconds, default 300,000. */
  readonly idleTimeoutMs?: number;
  /** Given: there is a port for faults, and each fault is told here before it is done. Default: there is none. */
  readonly onFault?: (fault: string) => void;
}

export interface BrokerServer {
  /** `ws://HOST:PORT`: what `--broker` takes. */
  readonly url: string;
  /** `http://HOST:PORT`. */
  readonly adminUrl: string;
  /** Where faults are asked for, and what has to be shown there; null: nowhere. */
  readonly control: FaultControl | null;
  /** Everything that it holds is gone then. Idempotent. */
  close(): Promise<void>;
}

/** Rejects with PORT_IN_USE. */
export async function serveBroker(options: BrokerServerOptions = {}): Promise<BrokerServer> {
  const { host = '127.0.0.1', port = 0, idleTimeoutMs = IDLE_TIMEOUT_MS, onFault, ...settings } = options;
  const namespaces = new Namespaces({ clock: systemClock, ...settings });
  const board = new FaultBoard(namespaces);
  const sessions = new Sessions({ namespaces, idleTimeoutMs, board });
  board.watch(sessions);
  const server = createHttpServer();
  registerAdmin(server, namespaces);
  server.server.on('upgrade', (request, socket, head) => void sessions.upgrade(request, socket, head));
  const chosen = await listen(server, host, port);
  const faultPort = onFault === undefined ? null : await openFaultPort(board, onFault);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await faultPort?.close();
    await sessions.close();
    await namespaces.close();
    await server.close();
  };
  const site = `${host.includes(':') ? `[${host}]` : host}:${chosen}`;
  const control = faultPort && { url: faultPort.url, token: faultPort.token };
  return { url: `ws://${site}`, adminUrl: `http://${site}`, control, close: () => (closing ??= close()) };
}
