/**
 * One WebSocket to Pulsar, from the handshake to its end. It notices a half-open connection: Pulsar itself closes a
 * silent socket after 300 s, and a peer that is gone answers no ping (pulsar-semantics 7.5).
 */
import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { causeText, OrderlabError } from '../errors';
import { invariant } from '../model/invariant';
import { gatherWrites } from './gathered-writes';

export interface ConnectionDeadlines {
  /** From the first packet to the end of the handshake, milliseconds. */
  readonly connectMs: number;
  /** For the closing handshake; then the connection is dropped. */
  readonly closeMs: number;
  /**
   * Between two pings. A connection on which nothing was heard from one ping to the next is lost, so a peer that is
   * gone is noticed within twice this time. At most 60,000.
   */
  readonly heartbeatMs: number;
}

export interface ConnectionOptions {
  /** With path and query. No message shows it: a query may hold names that are nobody's business. */
  readonly url: string;
  /** `producer p of topic t`, for the sentence of an error. */
  readonly what: string;
  readonly token: string | null;
  readonly deadlines: ConnectionDeadlines;
  /** A throw ends the connection. */
  readonly onText: (text: string) => void;
  /** Called once, unless this side closed or severed it. */
  readonly onLost: (cause: string) => void;
}

const NORMAL_CLOSURE = 1000;
/** Of an error page that explains a refused handshake. */
const REASON_CHARS_MAX = 300;
const CONFLICT = 409;

/** Rejects with BROKER_UNREACHABLE, BROKER_REFUSED, CONSUMER_BUSY or DEADLINE_EXCEEDED; PORT_CLOSED once aborted. */
export function connect(options: ConnectionOptions, abort: AbortSignal): Promise<Connection> {
  const { url, token, deadlines, what } = options;
  const socket = new WebSocket(url, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    const giveUp = (error: OrderlabError): void => {
      clearTimeout(timer);
      abort.removeEventListener('abort', onAbort);
      /** A handshake that is cut reports an error of its own, which nobody waits for any more. */
      socket.on('error', () => {});
      socket.terminate();
      reject(error);
    };
    const timer = setTimeout(() => {
      giveUp(new OrderlabError('DEADLINE_EXCEEDED', { what: `${what}: connecting`, deadlineMs: deadlines.connectMs }));
    }, deadlines.connectMs);
    const onAbort = (): void => giveUp(new OrderlabError('PORT_CLOSED', { what }));
    abort.addEventListener('abort', onAbort);
    const site = siteOf(url);
    socket.once('error', (thrown) => giveUp(unreachable(what, site, thrown)));
    socket.once('unexpected-response', (_, response) => {
      readPage(response).then((page) => giveUp(refused(what, site, response.statusCode ?? 0, page)), giveUp);
    });
    let stream: Writable | null = null;
    socket.once('upgrade', (response) => {
      stream = response.socket;
    });
    socket.once('open', () => {
      clearTimeout(timer);
      abort.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      invariant(stream !== null, 'a socket that is open was upgraded');
      resolve(new Connection(socket, stream, options));
    });
  });
}

/** Scheme, host and port: all of a URL that may be shown. */
function siteOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function unreachable(what: string, url: string, thrown: Error): OrderlabError {
  const cause = 'code' in thrown ? String(thrown.code) : causeText(thrown);
  return new OrderlabError('BROKER_UNREACHABLE', { what, url, cause }, thrown);
}

function refused(what: string, url: string, status: number, page: string): OrderlabError {
  const reason = reasonOf(page);
  if (status === CONFLICT) return new OrderlabError('CONSUMER_BUSY', { problem: `${what}: ${reason}` });
  const advice = status === 401 || status === 403 ? ': check the token' : '';
  return new OrderlabError('BROKER_REFUSED', { what, url, cause: `HTTP ${status}, ${reason}${advice}` });
}

async function readPage(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** The page is HTML around a text in which the broker's own message may stand as JSON. */
function reasonOf(page: string): string {
  const text = page
    .replace(/<title>.*?<\/title>|<[^>]*>/gs, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replace(/\s+/g, ' ');
  const [, message] = /"errorMsg":"(.*?)","reqId"/.exec(text) ?? [];
  return (message || text.trim() || 'no reason given').slice(0, REASON_CHARS_MAX);
}

export class Connection {
  readonly #socket: WebSocket;
  /** What the frames are written to. */
  readonly #stream: Writable;
  readonly #options: ConnectionOptions;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #ended: Promise<void>;
  #heard = true;
  /** False once this side ended it: then its end is no loss. */
  #wanted = true;

  constructor(socket: WebSocket, stream: Writable, options: ConnectionOptions) {
    this.#socket = socket;
    this.#stream = stream;
    this.#options = options;
    this.#heartbeat = setInterval(() => this.#beat(), options.deadlines.heartbeatMs);
    /** What waits for this connection keeps the process alive, not the pings. */
    this.#heartbeat.unref();
    /** In one buffer: several, or another kind, come only where they are asked for. */
    socket.on('message', (data) => this.#take((data as Buffer).toString()));
    socket.on('pong', () => this.#hear());
    socket.on('error', (thrown) => this.lose(causeText(thrown)));
    this.#ended = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve();
        this.lose(`closed with ${code}${reason.length > 0 ? ` ${reason.toString()}` : ''}`);
      });
    });
  }

  /** Resolves when the machine took the text, which says nothing about the broker. Rejects when the connection is down. */
  send(text: string): Promise<void> {
    gatherWrites(this.#stream);
    return new Promise((resolve, reject) => {
      this.#socket.send(text, (thrown) => {
        if (thrown === undefined || thrown === null) return resolve();
        const cause = causeText(thrown);
        /** Its end may be reported later: whoever sends again must not find it open until then. */
        this.lose(cause);
        reject(new OrderlabError('CONNECTION_LOST', { what: this.#options.what, cause }, thrown));
      });
    });
  }

  /** Orderly: what was sent before is read by the broker. Ends within the deadline whatever the peer does. */
  async close(): Promise<void> {
    this.#forsake();
    const timer = setTimeout(() => this.#socket.terminate(), this.#options.deadlines.closeMs);
    this.#socket.close(NORMAL_CLOSURE);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Without a goodbye, as when the process is killed. */
  sever(): void {
    this.#forsake();
    this.#socket.terminate();
  }

  /** Ends it from this side and reports it as lost. Once. */
  lose(cause: string): void {
    if (!this.#wanted) return;
    this.sever();
    this.#options.onLost(cause);
  }

  #forsake(): void {
    this.#wanted = false;
    clearInterval(this.#heartbeat);
  }

  #take(text: string): void {
    this.#hear();
    if (!this.#wanted) return;
    try {
      this.#options.onText(text);
    } catch (thrown) {
      this.lose(`a frame that is not one of Pulsar 4: ${causeText(thrown)}`);
    }
  }

  #hear(): void {
    this.#heard = true;
  }

  #beat(): void {
    if (!this.#heard) {
      this.lose(`nothing heard for ${this.#options.deadlines.heartbeatMs} ms after a ping`);
      return;
    }
    this.#heard = false;
    this.#socket.ping();
  }
}
