/** A broker's producing side in memory, as good or as bad as a test wants it. */
import { OrderlabError } from '../../shared/errors';
import type { UserEvent } from '../../shared/model/event';
import type { OutgoingMessage } from '../../shared/model/message';
import type { Producer } from '../../shared/ports';
import { decodeEvent } from '../../shared/wire';

/** What becomes of one send. lost: unknown to the sender, and not stored. late: unknown to the sender, and stored. */
export type SendFate = 'stored' | 'failed' | 'lost' | 'late';

export interface TestProducerOptions {
  /** Fate of the n-th send, from 0, where nothing else decides it. */
  readonly fate: (send: number) => SendFate;
  /** The n-th send is in flight until this resolves. Default: no time at all. */
  readonly latency?: (send: number) => Promise<void>;
  /**
   * True: a broken connection. Sends behind one that is not stored share its fate, until the news of it is out.
   * False: each send has a fate of its own.
   */
  readonly sharesFate: boolean;
}

/** Stores in the order of the calls. */
export class TestProducer implements Producer {
  /** What the broker holds, in order. */
  readonly stored: UserEvent[] = [];
  /** Everything that was sent, stored or not. */
  readonly sent: OutgoingMessage[] = [];
  /** Sends in flight at one time, at most; of one user likewise. */
  inFlightCountMax = 0;
  userInFlightCountMax = 0;
  readonly #options: TestProducerOptions;
  readonly #inFlight = new Set<OutgoingMessage>();
  #broken: { readonly fate: 'failed' | 'lost'; unheardCount: number } | null = null;

  constructor(options: TestProducerOptions) {
    this.#options = options;
  }

  async send(message: OutgoingMessage): Promise<string> {
    const send = this.sent.push(message) - 1;
    const fate = this.#broken?.fate ?? this.#options.fate(send);
    this.#enter(message);
    const leave = this.#break(fate);
    if (fate === 'stored' || fate === 'late') this.#store(message);
    await this.#options.latency?.(send);
    this.#inFlight.delete(message);
    leave();
    if (fate === 'failed') throw new OrderlabError('PORT_CLOSED', { what: 'the connection' });
    if (fate !== 'stored') throw new OrderlabError('DEADLINE_EXCEEDED', { what: 'the send', deadlineMs: 1 });
    return `0:${send}:-1`;
  }

  async close(): Promise<void> {}

  #enter(message: OutgoingMessage): void {
    this.#inFlight.add(message);
    const ofUser = [...this.#inFlight].filter((other) => other.key === message.key);
    this.inFlightCountMax = Math.max(this.inFlightCountMax, this.#inFlight.size);
    this.userInFlightCountMax = Math.max(this.userInFlightCountMax, ofUser.length);
  }

  /** The connection comes back once everyone whose send it took with it has heard so: an immediate later. */
  #break(fate: SendFate): () => void {
    if (!this.#options.sharesFate || fate === 'stored' || fate === 'late') return () => {};
    this.#broken ??= { fate, unheardCount: 0 };
    const broken = this.#broken;
    broken.unheardCount += 1;
    return () => {
      setImmediate(() => {
        broken.unheardCount -= 1;
        if (broken.unheardCount === 0) this.#broken = null;
      });
    };
  }

  #store(message: OutgoingMessage): void {
    const { event } = decodeEvent(message.payload);
    if (event === null) throw new Error('the runner sent something that is no event');
    this.stored.push(event);
  }
}
