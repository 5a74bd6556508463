/** Sessions of a served broker: handshakes become sockets here, and every socket that is open is known. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { causeText } from '../../shared/errors';
import { admit } from './admission';
import type { FaultBoard } from './fault-board';
import type { Namespaces } from './namespaces';
import { INTERNAL_ERROR, type Refusal, RefusedError, refusalResponse, UNAVAILABLE } from './refusal';
import { ServedSocket } from './served-socket';
import { CONNECTION_COUNT_MAX, FRAME_BYTES_MAX } from './server-limits';
import { type Admission, GOING_AWAY, type Session } from './session';

const IDLE_CHECKS_PER_TIMEOUT = 10;
/** For the closing handshakes when the broker ends. */
const GOODBYE_MS = 1_000;

export interface SessionsOptions {
  readonly namespaces: Namespaces;
  /** A connection on which nothing is said for this long is closed with 1001, milliseconds. Pulsar: 300,000. */
  readonly idleTimeoutMs: number;
  readonly board: FaultBoard;
}

interface OpenSession {
  readonly session: Session;
  readonly socket: ServedSocket;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false });
  readonly #open = new Set<OpenSession>();
  readonly #idleCheck: NodeJS.Timeout;
  #whenEmpty: () => void = () => {};

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#idleCheck = setInterval(() => this.#closeIdle(), options.idleTimeoutMs / IDLE_CHECKS_PER_TIMEOUT);
    this.#idleCheck.unref();
  }

  get all(): ReadonlySet<OpenSession> {
    return this.#open;
  }

  /** Answers a handshake, whatever it is, with a WebSocket or an HTTP error. */
  async upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): Promise<void> {
    /** The client may be gone before it is answered. */
    raw.on('error', () => {});
    try {
      this.#requireRoom();
      const admission = await admit(request.url ?? '', this.#options.namespaces);
      this.#accept(admission, request, raw, head);
    } catch (thrown) {
      raw.end(refusalResponse(refusalOf(thrown)));
    }
  }

  /** Every connection ends: with a goodbye, and after a while without. */
  async close(): Promise<void> {
    clearInterval(this.#idleCheck);
    for (const { socket } of this.#open) socket.close(GOING_AWAY, 'the broker ends');
    const cut = setTimeout(() => {
      for (const { socket } of this.#open) socket.cut();
    }, GOODBYE_MS);
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    clearTimeout(cut);
  }

  #requireRoom(): void {
    const { refusal } = this.#options.board;
    if (refusal !== null) throw new RefusedError(refusal.status, refusal.problem);
    if (this.#open.size >= CONNECTION_COUNT_MAX) {
      throw new RefusedError(UNAVAILABLE, `${CONNECTION_COUNT_MAX} connections are open (CONNECTION_COUNT_MAX)`);
    }
  }

  /** The library answers a handshake that is no WebSocket's by itself, and calls nobody. */
  #accept(admission: Admission, request: IncomingMessage, raw: Duplex, head: Buffer): void {
    let isAttached = false;
    this.#sockets.handleUpgrade(request, raw, head, (socket) => {
      isAttached = true;
      this.#attach(admission, socket);
    });
    if (!isAttached) admission.abandon();
  }

  #attach(admission: Admission, webSocket: WebSocket): void {
    const socket = new ServedSocket(webSocket, () => this.#options.board.delayMs);
    const session = admission.attach(socket);
    const open = { session, socket };
    this.#open.add(open);
    socket.listen({
      onText: (text) => session.onText(text),
      onEnd: () => {
        this.#open.delete(open);
        session.onEnd();
        if (this.#open.size === 0) this.#whenEmpty();
      },
    });
  }

  #closeIdle(): void {
    const heardSinceMs = performance.now() - this.#options.idleTimeoutMs;
    for (const { socket } of this.#open) {
      if (socket.touchedAtMs < heardSinceMs) socket.close(GOING_AWAY, 'Connection Idle Timeout');
    }
  }
}

function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof RefusedError) return thrown;
  return { status: INTERNAL_ERROR, problem: causeText(thrown) };
}
