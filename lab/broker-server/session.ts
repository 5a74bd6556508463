/** Session: one producer, consumer or reader of a served broker, from its handshake to the end of its connection. */
import type { ServedSocket, SocketListener } from './served-socket';

/** Codes of a closing handshake. */
export const INTERNAL_CLOSURE = 1011;
export const GOING_AWAY = 1001;

/** Who is connected. */
export interface SessionName {
  readonly kind: 'producer' | 'consumer' | 'reader';
  readonly name: string;
  /** Full name. */
  readonly topic: string;
  /** Null unless a consumer. */
  readonly subscription: string | null;
}

export interface Session extends SocketListener {
  readonly named: SessionName;
}

/** Admitted by the broker, before the connection is a WebSocket. One of the two is called, once. */
export interface Admission {
  attach(socket: ServedSocket): Session;
  abandon(): void;
}
