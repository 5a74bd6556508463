/**
 * Link: a connection that comes back. While it is down it is opened again and again, each time after twice the pause,
 * until it stands or the deadline for it has passed; whoever uses it hears of the loss first and of the return after.
 */
import { causeText, OrderlabError } from '../errors';
import { type Connection, type ConnectionOptions, connect } from './pulsar-websocket-connection';

const BACKOFF_MS_MIN = 50;
const BACKOFF_MS_MAX = 2_000;

export interface LinkOptions extends Omit<ConnectionOptions, 'onLost'> {
  /** From a loss to giving up, milliseconds. */
  readonly reconnectDeadlineMs: number;
  /** It stands: frames may be sent. Called after the first opening too. */
  readonly onOpen: () => void;
  /** It stands again after a loss; default: nobody counts. */
  readonly onReconnect?: () => void;
  /** It is down, and will be opened again. */
  readonly onLost: (cause: string) => void;
  /** It stays down. The error says since when and why. */
  readonly onGivenUp: (error: OrderlabError) => void;
}

type LinkState =
  | { readonly kind: 'open'; readonly connection: Connection }
  | { readonly kind: 'reopening' }
  | { readonly kind: 'given-up'; readonly error: OrderlabError }
  | { readonly kind: 'closed' };

export class Link {
  readonly #options: LinkOptions;
  readonly #waiters: (() => void)[] = [];
  readonly #abort = new AbortController();
  #state: LinkState = { kind: 'reopening' };
  #pause: { readonly timer: NodeJS.Timeout; readonly end: () => void } | null = null;

  private constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Opens it once; rejects as `connect` does. */
  static async open(options: LinkOptions): Promise<Link> {
    const link = new Link(options);
    link.#enter(await link.#connect());
    return link;
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  /** Waits while the link comes back. Rejects when it is closed, given up, or lost while it sends. */
  async send(text: string): Promise<void> {
    while (this.#state.kind === 'reopening') await new Promise<void>((resolve) => this.#waiters.push(resolve));
    if (this.#state.kind === 'open') return this.#state.connection.send(text);
    if (this.#state.kind === 'given-up') throw this.#state.error;
    throw new OrderlabError('PORT_CLOSED', { what: this.#options.what });
  }

  /** Drops the connection, whose state nobody knows any more, and opens another. */
  reset(cause: string): void {
    if (this.#state.kind === 'open') this.#state.connection.lose(cause);
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#leave({ kind: 'closed' });
    this.#abort.abort();
    if (state.kind === 'open') await state.connection.close();
  }

  /** As when the process is killed. */
  sever(): void {
    const state = this.#state;
    this.#leave({ kind: 'closed' });
    this.#abort.abort();
    if (state.kind === 'open') state.connection.sever();
  }

  #connect(): Promise<Connection> {
    return connect({ ...this.#options, onLost: (cause) => this.#lost(cause) }, this.#abort.signal);
  }

  /** It may have been closed in the very moment in which it was opened. */
  #enter(connection: Connection): void {
    if (this.#state.kind !== 'reopening') {
      connection.sever();
      return;
    }
    this.#leave({ kind: 'open', connection });
    this.#options.onOpen();
  }

  #leave(next: LinkState): void {
    this.#state = next;
    if (this.#pause !== null) {
      clearTimeout(this.#pause.timer);
      this.#pause.end();
    }
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #lost(cause: string): void {
    if (this.#state.kind !== 'open') return;
    this.#state = { kind: 'reopening' };
    this.#options.onLost(cause);
    void this.#reopen(cause);
  }

  async #reopen(cause: string): Promise<void> {
    const { reconnectDeadlineMs, what } = this.#options;
    const giveUpAtMs = performance.now() + reconnectDeadlineMs;
    let last = cause;
    for (
      let pauseMs = BACKOFF_MS_MIN;
      performance.now() < giveUpAtMs;
      pauseMs = Math.min(pauseMs * 2, BACKOFF_MS_MAX)
    ) {
      await this.#rest(pauseMs);
      if (this.#state.kind !== 'reopening') return;
      try {
        this.#enter(await this.#connect());
        if (this.isOpen) this.#options.onReconnect?.();
        return;
      } catch (thrown) {
        last = causeText(thrown);
      }
    }
    if (this.#state.kind !== 'reopening') return;
    const details = { what: `${what}: connecting again for ${reconnectDeadlineMs} ms`, cause: last };
    const error = new OrderlabError('BROKER_UNREACHABLE', { ...details, url: new URL(this.#options.url).origin });
    this.#leave({ kind: 'given-up', error });
    this.#options.onGivenUp(error);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#pause = null;
        resolve();
      };
      this.#pause = { timer: setTimeout(end, ms), end };
    });
  }
}
