/** A TCP proxy on loopback: passes bytes between clients and one server until a test says otherwise. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What happens to the next bytes that the server sends. pass: nothing. cut: both ends are closed instead, so the server
 * has done its work and the client never hears. swallow: they vanish and the connection stays, as half open.
 */
export type ReplyFate = 'pass' | 'cut' | 'swallow';

export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private fate: ReplyFate = 'pass';
  private passedCount = 0;
  private cutPeriod: number | null = null;
  cutCount = 0;
  /** How long each reply is held on its way; it keeps its place. */
  replyDelayMs = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** Listens on a free port. */
  static async open(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => proxy.join(client, connect(targetPort, '127.0.0.1')));
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

  /** Closes every connection; new ones are served. */
  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, upstream: Socket): void {
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      this.sockets.add(socket.setNoDelay(true));
      socket.on('error', end).on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => this.reply(bytes, client, end));
  }

  /** One piece of data counts as one reply: exact while a single call is under way. */
  private reply(bytes: Buffer, client: Socket, end: () => void): void {
    if (this.passedCount > 0 || this.fate === 'pass') {
      this.passedCount = Math.max(0, this.passedCount - 1);
      if (this.replyDelayMs === 0) client.write(bytes);
      else setTimeout(() => client.write(bytes), this.replyDelayMs);
    } else if (this.fate === 'cut') {
      this.cutCount += 1;
      this.passedCount = this.cutPeriod ?? 0;
      end();
    }
  }
}
