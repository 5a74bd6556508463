/** A stage for one consumer: ports that note every call in the order of calls, over a store that works. */
import type { ConsumerPorts } from '../../consumers/performer';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { openCountingMeter } from '../../shared/adapters/counting-meter';
import { openEmbeddedStore } from '../../shared/adapters/embedded-store';
import type { LoggedEvent, StoreAnswer, StoreOperation } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import type { HistoryBody } from '../../shared/model/history';
import type { Delivery } from '../../shared/model/message';
import type { EventRef, Point } from '../../shared/model/plan';
import type { StrategySettings } from '../../shared/model/strategy';
import type { Consumer, Store } from '../../shared/ports';
import { digestOf, encodeEvent } from '../../shared/wire';

export const SETTINGS: StrategySettings = {
  owner: 'c1#1',
  idempotencyKeys: true,
  markerTtlMs: null,
  publishesResult: false,
  onFailure: 'park',
  retryBackoffMs: 50,
  gapDeadlineMs: 200,
  unlistened: 'advance',
  listensTo: null,
};

/** What a test may make the ports do; called before the port does anything. What throws fails the call. */
export interface Script {
  onStore(operation: StoreOperation): void;
  onAck(messageId: string): void;
  onSend(payload: Uint8Array): void;
  onReached(point: Point, event: EventRef): 'go' | Promise<'go' | 'fail'>;
}

export class Stage {
  readonly clock = openVirtualClock();
  readonly meter = openCountingMeter();
  /** Every call of a port and every record, such as `store apply`, `ack 1`, `record Del received`, `before:apply`. */
  readonly calls: string[] = [];
  readonly records: HistoryBody[] = [];
  readonly script: Script = { onStore: () => {}, onAck: () => {}, onSend: () => {}, onReached: () => 'go' };
  /** What a repair finds, beside what was offered. */
  readonly logged: UserEvent[] = [];
  readonly store: Store;
  readonly ports: ConsumerPorts;
  private readonly queue: Delivery[] = [];
  private readonly receivers: ((delivery: Delivery | null) => void)[] = [];
  private stopped = false;
  private stopWaiters: () => void = () => {};
  private offeredCount = 0;

  constructor(resultTopic: string | null = null) {
    this.store = openEmbeddedStore({ clock: this.clock, journal: { record: (body) => this.note(body, 'journal') } });
    const isStopped = () => this.stopped;
    const whenStopping = new Promise<void>((resolve) => {
      this.stopWaiters = resolve;
    });
    this.ports = {
      clock: this.clock,
      consumer: this.consumer(),
      store: { ...this.store, execute: (operation) => this.execute(operation) },
      eventLog: { read: async (user, from, to) => this.readLog(user, from, to) },
      lifecycle: {
        reached: (point, event) => {
          this.calls.push(point);
          return this.script.onReached(point, event);
        },
        get stopping() {
          return isStopped();
        },
        whenStopping,
      },
      recorder: { record: (body) => this.note(body, 'record'), written: () => null },
      results: resultTopic === null ? null : { topic: resultTopic, producer: this.producer() },
    };
  }

  /** Receives that wait for a message. */
  get waitingReceiveCount(): number {
    return this.receivers.length;
  }

  /** Hands events to the consumer, in order; the answers are their message ids. */
  offer(...events: readonly UserEvent[]): readonly string[] {
    this.logged.push(...events);
    return events.map((event) => this.offerBytes(event.user, encodeEvent(event)));
  }

  offerBytes(key: string, payload: Uint8Array): string {
    this.offeredCount += 1;
    const messageId = `1:${this.offeredCount}:-1`;
    const delivery = { messageId, topic: 'users', partition: -1, key, payload, properties: {}, redeliveryCount: 0 };
    const receiver = this.receivers.shift();
    if (receiver === undefined) this.queue.push(delivery);
    else receiver(delivery);
    return messageId;
  }

  stop(): void {
    this.stopped = true;
    this.stopWaiters();
  }

  /** The calls of one kind, without its name: `callsOf('ack')` gives message ids. */
  callsOf(kind: string): readonly string[] {
    return this.calls.filter((call) => call.startsWith(`${kind} `)).map((call) => call.slice(kind.length + 1));
  }

  /** Lets everything run that needs no time. */
  async settle(): Promise<void> {
    await this.clock.run(this.clock.sleep(0));
  }

  private consumer(): Consumer {
    return {
      receive: () => {
        this.calls.push('receive');
        const next = this.queue.shift();
        if (next !== undefined) return Promise.resolve(next);
        return new Promise((resolve) => this.receivers.push(resolve));
      },
      ack: async (messageId) => {
        this.calls.push(`ack ${messageId}`);
        this.script.onAck(messageId);
      },
      nack: async (messageId) => {
        this.calls.push(`nack ${messageId}`);
      },
      close: async () => {
        this.calls.push('close');
      },
    };
  }

  private producer() {
    return {
      send: async ({ payload }: { readonly payload: Uint8Array }) => {
        this.calls.push('send');
        this.script.onSend(payload);
        return '2:0:-1';
      },
      close: async () => {},
    };
  }

  private async execute(operation: StoreOperation): Promise<StoreAnswer> {
    this.calls.push(`store ${operation.name}`);
    this.script.onStore(operation);
    return this.store.execute(operation);
  }

  private readLog(user: string, from: number, to: number): readonly LoggedEvent[] {
    this.calls.push(`read-log ${from}-${to}`);
    return this.logged
      .filter((event) => event.user === user && event.sequence >= from && event.sequence <= to)
      .sort((left, right) => left.sequence - right.sequence)
      .map((event) => ({ event, digest: digestOf(encodeEvent(event)) }));
  }

  private note(body: HistoryBody, kind: 'record' | 'journal'): void {
    this.calls.push(`${kind} ${body.stream} ${body.type}`);
    if (kind === 'record') this.records.push(body);
  }
}
