/** Something that listens where a broker would: tests decide what it answers, when it is silent and when it dies. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { until } from './until';

/** What clients send, whatever it is. */
export interface PeerFrame {
  readonly context?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly messageId?: string;
  readonly type?: string;
  readonly permitMessages?: number;
}

/** One connection, from the side of the broker. */
export interface PeerSocket {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly frames: PeerFrame[];
  /** The client has gone. */
  readonly isClosed: boolean;
  send(frame: unknown): void;
  sendText(text: string): void;
  /** Ends it without a goodbye. */
  cut(): void;
}

export interface PeerOptions {
  /** False: pings stay unanswered, as on a connection that is half open. */
  readonly answersPings?: boolean;
  /** Refuses handshakes with this status and page, as long as it is set. */
  refusal?: { readonly status: number; readonly page: string } | null;
  /** Called for each frame. */
  readonly onFrame?: (frame: PeerFrame, socket: PeerSocket) => void;
}

export class PulsarPeer {
  readonly sockets: PeerSocket[] = [];
  readonly requests: string[] = [];
  readonly options: PeerOptions;
  readonly #raw = new Set<Socket>();
  #http: Server;
  #port = 0;

  private constructor(options: PeerOptions) {
    this.options = options;
    this.#http = this.#createServer();
  }

  static async open(options: PeerOptions = {}): Promise<PulsarPeer> {
    const peer = new PulsarPeer(options);
    await peer.listen();
    return peer;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** The latest connection; waits for it. `after`: how many there were before. */
  async socket(after = 0): Promise<PeerSocket> {
    await until('a connection', () => this.sockets.length > after);
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('there is no connection');
    return socket;
  }

  /** Listens on the same port as before. */
  async listen(): Promise<void> {
    this.#http = this.#createServer();
    this.#http.listen(this.#port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** As when the broker is killed: connections are cut and nobody listens. */
  async die(): Promise<void> {
    for (const socket of this.#raw) socket.destroy();
    if (this.#http.listening) await new Promise((resolve) => this.#http.close(resolve));
  }

  #createServer(): Server {
    const http = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      response.statusCode = 503;
      response.end('not JSON');
    });
    const sockets = new WebSocketServer({ noServer: true, autoPong: this.options.answersPings !== false });
    http.on('connection', (socket) => this.#raw.add(socket));
    http.on('upgrade', (request, socket: Socket, head) => {
      const { refusal } = this.options;
      if (refusal) {
        socket.end(`HTTP/1.1 ${refusal.status} No\r\nconnection: close\r\n\r\n${refusal.page}`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (opened) => this.#accept(opened, request));
    });
    return http;
  }

  #accept(opened: WebSocket, request: IncomingMessage): void {
    const url = new URL(request.url ?? '', 'http://peer');
    const frames: PeerFrame[] = [];
    const socket: PeerSocket = {
      path: url.pathname,
      query: url.searchParams,
      frames,
      send: (frame) => opened.send(JSON.stringify(frame)),
      sendText: (text) => opened.send(text),
      cut: () => opened.terminate(),
      get isClosed() {
        return opened.readyState === opened.CLOSED;
      },
    };
    opened.on('message', (data) => {
      const frame = JSON.parse((data as Buffer).toString()) as PeerFrame;
      frames.push(frame);
      this.options.onFrame?.(frame, socket);
    });
    this.sockets.push(socket);
  }
}
