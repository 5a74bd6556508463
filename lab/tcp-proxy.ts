/**
 * TCP proxy: passes bytes between any clients and one server until its owner says otherwise.
 *
 * It listens on loopback only and its target is fixed when it opens: a fault tool must not become a way to other hosts.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What happens to the next bytes that the server sends. pass: nothing. cut: both ends are closed instead, so the server
 * has done its work and the client never hears. swallow: they vanish and the connection stays, as half open.
 */
export type ReplyFate = 'pass' | 'cut' | 'swallow';

/** Where the proxied server listens. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** One client with its connection to the server. */
interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Set by halfOpenAll: the server is gone for this client, which has not heard of it. */
  isHalfOpen: boolean;
  /** The end of what has passed: a text that is looked for may begin there. */
  tail: string;
}

export class TcpProxy {
  private readonly links = new Set<Link>();
  private fate: ReplyFate = 'pass';
  private passedCount = 0;
  private cutPeriod: number | null = null;
  private losing: { readonly text: string; left: number } | null = null;
  cutCount = 0;
  /** How long each reply is held on its way; it keeps its place. */
  replyDelayMs = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** Listens on a free port of loopback. */
  static async open({ host, port }: ProxyTarget): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) =>
      proxy.join({ client, upstream: connect(port, host), isHalfOpen: false, tail: '' }),
    );
    return proxy;
  }

  /** After `passedCount` more replies each reply meets this fate, on every connection, until the next call. */
  afterReplies(passedCount: number, fate: ReplyFate): void {
    this.cutPeriod = null;
    this.passedCount = passedCount;
    this.fate = fate;
  }

  /** Again and again: `replyCount` replies pass, the next one is lost with its connection. */
  cutEvery(replyCount: number): void {
    this.afterReplies(replyCount, 'cut');
    this.cutPeriod = replyCount;
  }

  /** The next `times` replies that hold this text are lost with their connection: the server has done what they tell. */
  loseReplies(text: string, times: number): void {
    this.losing = { text, left: times };
  }

  /** Closes every connection; new ones are served. */
  cutAll(): void {
    for (const link of this.links) end(link);
  }

  /**
   * The server sees every client gone, and the clients see nothing: what they send vanishes and nothing comes. It is
   * how a client becomes a zombie, declared dead while it works on. New connections are served.
   */
  halfOpenAll(): void {
    for (const link of this.links) {
      link.isHalfOpen = true;
      link.upstream.destroy();
    }
  }

  async close(): Promise<void> {
    this.cutAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(link: Link): void {
    const { client, upstream } = link;
    this.links.add(link);
    client.setNoDelay(true).on('error', () => end(link));
    client.on('close', () => {
      this.links.delete(link);
      end(link);
    });
    upstream.setNoDelay(true).on('error', () => this.lose(link));
    upstream.on('close', () => this.lose(link));
    client.on('data', (bytes) => {
      if (!link.isHalfOpen) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => this.reply(bytes, link));
  }

  private lose(link: Link): void {
    if (!link.isHalfOpen) end(link);
  }

  /** One piece of data counts as one reply: exact while a single call is under way. */
  private reply(bytes: Buffer, link: Link): void {
    if (this.losesReply(bytes, link)) this.cut(link);
    else if (this.passedCount > 0 || this.fate === 'pass') {
      this.passedCount = Math.max(0, this.passedCount - 1);
      if (this.replyDelayMs === 0) link.client.write(bytes);
      else setTimeout(() => link.client.write(bytes), this.replyDelayMs);
    } else if (this.fate === 'cut') {
      this.passedCount = this.cutPeriod ?? 0;
      this.cut(link);
    }
  }

  private cut(link: Link): void {
    this.cutCount += 1;
    end(link);
  }

  private losesReply(bytes: Buffer, link: Link): boolean {
    const { losing } = this;
    if (losing === null || losing.left === 0) return false;
    const passing = link.tail + bytes.toString('latin1');
    link.tail = passing.slice(1 - losing.text.length);
    if (!passing.includes(losing.text)) return false;
    losing.left -= 1;
    return true;
  }
}

function end({ client, upstream }: Link): void {
  client.destroy();
  upstream.destroy();
}
