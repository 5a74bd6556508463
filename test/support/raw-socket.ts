/** A WebSocket to a broker without any adapter: what is sent and what comes, as it is. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { until } from './until';

export interface Frame {
  readonly messageId?: string;
  readonly payload?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly publishTime?: string;
  readonly eventTime?: string;
  readonly redeliveryCount?: number;
  readonly result?: string;
  readonly context?: string;
  readonly errorMsg?: string;
  readonly endOfTopic?: boolean;
}

/** How a handshake ended. */
export type Handshake =
  | { readonly status: 101; readonly socket: RawSocket }
  | { readonly status: number; readonly page: string; readonly socket: null };

export class RawSocket {
  readonly frames: Frame[] = [];
  /** Code and reason; null: it is open. */
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.frames.push(JSON.parse((data as Buffer).toString())));
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  static async shake(url: string): Promise<Handshake> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const raw = new RawSocket(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve({ status: 101, socket: raw }));
      socket.once('error', reject);
      socket.once('unexpected-response', (_, response) => {
        const status = response.statusCode ?? 0;
        pageOf(response).then((page) => resolve({ status, page, socket: null }), reject);
      });
    });
  }

  static async open(url: string): Promise<RawSocket> {
    const shaken = await RawSocket.shake(url);
    if (shaken.socket === null) throw new Error(`refused with ${shaken.status}: ${shaken.page}`);
    return shaken.socket;
  }

  send(frame: unknown): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string | Buffer): void {
    this.#socket.send(text);
  }

  /** Waits until that many frames have come. */
  async take(count: number): Promise<readonly Frame[]> {
    await until(`${count} frames, of which ${this.frames.length} came`, () => this.frames.length >= count);
    return this.frames;
  }

  /** Frames of messages, once the broker has answered a question that was asked after everything else. */
  async pushes(count: number): Promise<readonly Frame[]> {
    await until(`${count} messages`, () => this.#pushed().length >= count);
    const answers = () => this.frames.filter(({ endOfTopic }) => endOfTopic !== undefined).length;
    const answered = answers();
    this.send({ type: 'isEndOfTopic' });
    await until('an answer', () => answers() > answered);
    return this.#pushed();
  }

  async end(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.terminate();
    await closed;
  }

  #pushed(): readonly Frame[] {
    return this.frames.filter(({ payload }) => payload !== undefined);
  }
}

async function pageOf(response: IncomingMessage): Promise<string> {
  let page = '';
  for await (const chunk of response) page += String(chunk);
  return page;
}
