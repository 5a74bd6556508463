/**
 * Sockets of a consumer inside this process. Node announces each TCP client that is made (diagnostics channel
 * `net.client.socket`), and the async context tells whose it is; so a consumer's own Redis client is reached without
 * replacing it. What it had written before it was cut has happened, as with a real kill.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Passage } from './client/host';

const CHANNEL = 'net.client.socket';

/** Who is behind a socket. */
export interface SocketOwner {
  readonly isDead: boolean;
  /** isGreeting: what a client says to set up its connection, on behalf of no message. */
  beforeWrite(isGreeting: boolean): Passage;
  adopt(socket: WatchedSocket): void;
}

/** Calls `ownerOf` in the context in which a socket is made. The function returned ends the watch. */
export function watchSockets(ownerOf: () => SocketOwner | null): () => void {
  const made = (message: unknown): void => {
    const owner = ownerOf();
    if (owner !== null) owner.adopt(new WatchedSocket((message as { readonly socket: Socket }).socket, owner));
  };
  subscribe(CHANNEL, made);
  return () => void unsubscribe(CHANNEL, made);
}

type Write = (...parts: readonly unknown[]) => boolean;

export class WatchedSocket {
  readonly #socket: Socket;
  readonly #held: (() => void)[] = [];
  /** Something was written and no answer has come since. */
  #awaitsAnswer = false;

  constructor(socket: Socket, owner: SocketOwner) {
    this.#socket = socket;
    if (owner.isDead) this.#neverConnect();
    else this.#guardWrites(owner);
  }

  get isQuiet(): boolean {
    return !this.#awaitsAnswer || this.#socket.destroyed;
  }

  /** The process stands still: what arrives waits in the socket. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
    for (const write of this.#held.splice(0)) write();
  }

  /** The connection ends, and nobody here hears of it: no answer, no error, no reconnection. */
  cut(): void {
    this.#held.length = 0;
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => {});
    this.#socket.destroy();
  }

  /** The dead make no connection. */
  #neverConnect(): void {
    this.#socket.connect = () => this.#socket;
  }

  #guardWrites(owner: SocketOwner): void {
    const write = this.#socket.write.bind(this.#socket) as Write;
    const send = (parts: readonly unknown[]): boolean => {
      this.#awaitsAnswer = true;
      return write(...parts);
    };
    this.#socket.on('data', () => {
      this.#awaitsAnswer = false;
    });
    const guarded: Write = (...parts) => {
      const passage = owner.beforeWrite(isGreeting(parts[0]));
      if (passage === 'never') return true;
      if (passage === 'go') return send(parts);
      this.#held.push(() => send(parts));
      return true;
    };
    /** Connecting puts the prototype's own function back by assignment; this one stays. */
    Object.defineProperty(this.#socket, 'write', { get: () => guarded, set: () => {} });
  }
}

/** The first command of a Redis client's write, in its protocol. */
const GREETING = /^\*\d+\r\n\$\d+\r\n(client|info|hello|auth|select|command)\r\n/i;

function isGreeting(written: unknown): boolean {
  return (typeof written === 'string' || Buffer.isBuffer(written)) && GREETING.test(String(written.slice(0, 32)));
}
