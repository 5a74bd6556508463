/** Producer of the embedded broker: the client's machine with a promise for each send. */
import { OrderlabError } from '../errors';
import { unreachable } from '../model/invariant';
import type { OutgoingMessage } from '../model/message';
import type { Producer } from '../ports';
import type { BrokerAction } from '../simulator/broker-action';
import type { BrokerRequest } from '../simulator/broker-input';
import {
  createProducerClient,
  type ProducerAction,
  type ProducerClient,
  type ProducerInput,
  type ProducerSettings,
  stepProducer,
} from '../simulator/client-producer';
import type { ProducerRefusal } from '../simulator/topic-producers';
import type { BrokerLink } from './embedded-broker-consumer';

/** What a producer needs of the broker that it is connected to. */
export type ProducerLink = Pick<BrokerLink, 'nowMs' | 'request' | 'wakeAt' | 'reconnectDelayMs'> & {
  /** The producer is gone for good. */
  forgetProducer(producerId: number): void;
};

interface PendingSend {
  readonly resolve: (messageId: string) => void;
  readonly reject: (error: OrderlabError) => void;
}

/** From a receipt that is lost to the end of the connection, milliseconds. */
const LOSS_MS = 1;

export class ProducerShell implements Producer {
  /** Who waits to be alone waits here. Rejects with PRODUCER_BUSY, whatever was in the way: nothing came of it. */
  readonly opened: Promise<void>;
  readonly #link: ProducerLink;
  readonly #client: ProducerClient;
  /** Ticket → who waits. */
  readonly #sends = new Map<number, PendingSend>();
  #nextTicket = 0;
  #settleOpening: (error: OrderlabError | null) => void = () => {};
  #receipts: 'arrive' | 'about to be lost' | 'lost' = 'arrive';
  #fenced: ProducerRefusal | null = null;

  constructor(link: ProducerLink, settings: ProducerSettings) {
    this.#link = link;
    this.#client = createProducerClient(settings);
    this.opened = new Promise((resolve, reject) => {
      this.#settleOpening = (error) => (error === null ? resolve() : reject(error));
    });
  }

  get id(): number {
    return this.#client.settings.producerId;
  }

  open(): void {
    this.#feed({ kind: 'open' });
  }

  send(message: OutgoingMessage): Promise<string> {
    if (this.#fenced !== null) return Promise.reject(fencedError(this.#fenced));
    if (this.#client.life === 'closed') return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => {
      const ticket = this.#nextTicket;
      this.#nextTicket += 1;
      this.#sends.set(ticket, { resolve, reject });
      this.#feed({ kind: 'send', ticket, message });
    });
  }

  /** What is under way ends with PORT_CLOSED: wait for your sends first. */
  async close(): Promise<void> {
    if (this.#client.life === 'closed') return;
    this.#feed({ kind: 'close' });
    this.#link.forgetProducer(this.id);
    this.#rejectAll(this.#closedError());
    this.#settleOpening(this.#closedError());
  }

  /** The connection breaks, or the broker ended it; a little later there is another one. */
  lose(): void {
    this.#receipts = 'arrive';
    this.#feed({ kind: 'disconnected' });
  }

  /** The producer is connected, at once or after it waited to be alone, or it never will be. */
  hear(answer: BrokerAction): void {
    if (answer.kind === 'producer-created') this.#feed({ ...answer, kind: 'created' });
    if (answer.kind === 'producer-refused') this.#feed({ kind: 'refused', refusal: answer });
  }

  /** The next message and what follows it within LOSS_MS is stored, and the connection breaks before the answers. */
  loseReceipts(): void {
    if (this.#receipts === 'arrive') this.#receipts = 'about to be lost';
  }

  #feed(input: ProducerInput): void {
    for (const action of stepProducer(this.#client, input)) this.#perform(action);
  }

  #perform(action: ProducerAction): void {
    switch (action.kind) {
      case 'request':
        this.#request(action.request);
        return;
      case 'opened':
        this.#settleOpening(null);
        return;
      case 'failed':
        this.#link.forgetProducer(this.id);
        this.#settleOpening(new OrderlabError('PRODUCER_BUSY', { problem: action.refusal.problem }));
        return;
      case 'sent':
        this.#sends.get(action.ticket)?.resolve(action.messageId);
        this.#sends.delete(action.ticket);
        return;
      case 'flush-later':
        this.#flushLater(action);
        return;
      case 'lost':
        this.#fenced = action.refusal;
        this.#rejectAll(fencedError(action.refusal));
        return;
      case 'open-later':
        void this.#link.wakeAt(this.#link.nowMs() + this.#link.reconnectDelayMs, () => this.open());
        return;
      default:
        unreachable(action, 'producer action');
    }
  }

  #flushLater({ ms, flushCount }: Extract<ProducerAction, { kind: 'flush-later' }>): void {
    void this.#link.wakeAt(this.#link.nowMs() + ms, () => {
      if (this.#client.life !== 'closed') this.#feed({ kind: 'flush', flushCount });
    });
  }

  #request(request: BrokerRequest): void {
    const answer = this.#ask(request);
    if (answer?.kind === 'stored') this.#stored(answer.messageId);
  }

  /** A topic that is gone may come again, so a client that was connected once goes on trying. */
  #ask(request: BrokerRequest): BrokerAction | undefined {
    try {
      return this.#link.request(request);
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError)) throw thrown;
      const { code, message: problem } = thrown;
      if (code === 'PRODUCER_BUSY' || code === 'PRODUCER_FENCED')
        this.#feed({ kind: 'refused', refusal: { code, problem } });
      else if (code === 'TOPIC_NOT_FOUND' && this.#client.wasConnected) this.lose();
      else throw thrown;
      return undefined;
    }
  }

  #stored(messageId: string): void {
    if (this.#receipts === 'arrive') {
      this.#feed({ kind: 'stored', messageId });
      return;
    }
    if (this.#receipts === 'lost') return;
    this.#receipts = 'lost';
    void this.#link.wakeAt(this.#link.nowMs() + LOSS_MS, () => this.#breakOff());
  }

  #breakOff(): void {
    if (this.#receipts !== 'lost') return;
    this.#link.request({ kind: 'leave-producer', producerId: this.id });
    this.lose();
  }

  #rejectAll(error: OrderlabError): void {
    for (const { reject } of this.#sends.values()) reject(error);
    this.#sends.clear();
  }

  #closedError(): OrderlabError {
    return new OrderlabError('PORT_CLOSED', { what: `producer ${this.#client.settings.producerName}` });
  }
}

function fencedError({ problem }: ProducerRefusal): OrderlabError {
  return new OrderlabError('PRODUCER_FENCED', { problem });
}
