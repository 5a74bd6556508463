/**
 * Served socket: one WebSocket from the broker's side. What is sent may be held back by a fault, and then keeps its order;
 * who does not read fills a buffer with a limit, at which nothing more is produced for him.
 */
import type { WebSocket } from 'ws';
import { SOCKET_BUFFER_BYTES_MAX } from './server-limits';

/** What a session makes of its connection. */
export interface SocketListener {
  /** A throw ends the connection with 1011. */
  onText(text: string): void;
  /** Called once, whoever ended it. */
  onEnd(): void;
}

interface HeldText {
  readonly text: string;
  readonly dueAtMs: number;
}

export class ServedSocket {
  /** Monotonic milliseconds of the last sign of life, in either direction. */
  touchedAtMs = performance.now();
  readonly #socket: WebSocket;
  readonly #delayMs: () => number;
  readonly #held: HeldText[] = [];
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: WebSocket, delayMs: () => number) {
    this.#socket = socket;
    this.#delayMs = delayMs;
  }

  listen(listener: SocketListener): void {
    const touch = (): void => {
      this.touchedAtMs = performance.now();
    };
    this.#socket.on('message', (data, isBinary) => {
      touch();
      /** Binary frames are dropped without a word, as Pulsar does. In one buffer: another kind comes only when asked for. */
      if (!isBinary) listener.onText((data as Buffer).toString());
    });
    this.#socket.on('ping', touch);
    /** Too large, or no WebSocket at all: the library closes it with the code for that. */
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      if (this.#timer !== null) clearTimeout(this.#timer);
      listener.onEnd();
    });
  }

  send(text: string): void {
    const delayMs = this.#delayMs();
    if (delayMs === 0 && this.#held.length === 0) {
      this.#write(text);
      return;
    }
    const earliest = this.#held.at(-1)?.dueAtMs ?? 0;
    this.#held.push({ text, dueAtMs: Math.max(earliest, performance.now() + delayMs) });
    this.#timer ??= setTimeout(() => this.#release(), delayMs);
  }

  /** Calls `next` now, or when the client has read what waits for it. */
  whenRoomy(next: () => void): void {
    if (this.#socket.bufferedAmount < SOCKET_BUFFER_BYTES_MAX) next();
    else this.#waiting.push(next);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Without a goodbye, as when the connection breaks. */
  cut(): void {
    this.#socket.terminate();
  }

  #write(text: string): void {
    this.touchedAtMs = performance.now();
    this.#socket.send(text, () => {
      if (this.#waiting.length > 0) for (const next of this.#waiting.splice(0)) this.whenRoomy(next);
    });
  }

  #release(): void {
    this.#timer = null;
    while (this.#held[0] !== undefined && this.#held[0].dueAtMs <= performance.now()) {
      this.#write(this.#held.shift()?.text ?? '');
    }
    const [next] = this.#held;
    if (next !== undefined) this.#timer = setTimeout(() => this.#release(), next.dueAtMs - performance.now());
  }
}
