/** The broker's machine with clients around it, on a time of the test's own: what a shell does, without promises. */
import { invariant } from '../../shared/model/invariant';
import type { Delivery } from '../../shared/model/message';
import type { SubscriptionType } from '../../shared/model/subscription';
import { step } from '../../shared/simulator/broker';
import type { BrokerAction } from '../../shared/simulator/broker-action';
import type { BrokerInput, BrokerRequest } from '../../shared/simulator/broker-input';
import { type BrokerSettings, PULSAR_DEFAULTS } from '../../shared/simulator/broker-settings';
import { type BrokerState, createBroker } from '../../shared/simulator/broker-state';
import { type ClientInput, stepClient } from '../../shared/simulator/client-consumer';
import { batchIndexIn, type ClientState, createClient } from '../../shared/simulator/client-state';
import { murmurHash } from '../../shared/simulator/murmur-hash';
import { partitionOf } from '../../shared/simulator/partition-routing';

/** What an onlooker sees, in order. */
export type Sight =
  /** The broker sent a message to the consumer, where it waits. */
  | { readonly kind: 'sent'; readonly consumer: string; readonly delivery: Delivery }
  /** The application took a message. */
  | { readonly kind: 'received'; readonly consumer: string; readonly delivery: Delivery }
  /** The consumer's connection ended, and will come again. */
  | { readonly kind: 'lost'; readonly consumer: string }
  | { readonly kind: 'active'; readonly consumer: string; readonly partition: number }
  | { readonly kind: 'refused'; readonly code: string; readonly details: Readonly<Record<string, string>> };

export interface WorldSettings extends BrokerSettings {
  readonly negativeAckDelayMs: number;
  readonly ackTimeoutMs: number;
  readonly reconnectDelayMs: number;
  /** 0: no dead letters. */
  readonly maxRedeliverCount: number;
}

/** What a consumer may ask for beside its type. */
export type Asked = Pick<Extract<BrokerRequest, { kind: 'subscribe' }>, 'priorityLevel' | 'keyShared'>;

interface Timer {
  readonly atMs: number;
  readonly wake: () => void;
}

interface Member {
  readonly name: string;
  readonly subscribe: Extract<BrokerRequest, { kind: 'subscribe' }>;
  readonly client: ClientState;
  /** Taken by the application and neither acknowledged nor given up. */
  readonly inHand: Delivery[];
}

const CLIENT_DEFAULTS = { negativeAckDelayMs: 1000, ackTimeoutMs: 0, reconnectDelayMs: 100, maxRedeliverCount: 0 };

/** Far above what a script needs. */
const INPUT_COUNT_MAX = 5000;

export const TOPIC = 'events';
export const SUBSCRIPTION = 'projector';

export class BrokerWorld {
  readonly settings: WorldSettings;
  readonly state: BrokerState;
  nowMs = 0;
  readonly members = new Map<string, Member>();
  readonly sights: Sight[] = [];
  /** Everything that was fed to the broker, with its answers. */
  readonly inputs: BrokerInput[] = [];
  readonly answers: BrokerAction[][] = [];
  /** Runs after every step of the broker: where a canary breaks it. */
  readonly #afterStep: (state: BrokerState) => void;
  readonly #names = new Map<number, string>();
  readonly #timers: Timer[] = [];
  readonly #outbox: BrokerAction[] = [];
  #performing = false;
  #nextConsumerId = 1;

  constructor(settings: Partial<WorldSettings> = {}, afterStep: (state: BrokerState) => void = () => {}) {
    this.settings = { ...PULSAR_DEFAULTS, ...CLIENT_DEFAULTS, ...settings };
    this.state = createBroker(this.settings);
    this.#afterStep = afterStep;
  }

  open(partitionCount: number): void {
    this.request({ kind: 'create-topic', topic: TOPIC, partitionCount });
    this.request({ kind: 'create-subscription', topic: TOPIC, subscription: SUBSCRIPTION });
  }

  /** Publishes a message whose key stands before the colon of its text. */
  publish(text: string): void {
    const message = { key: text.split(':')[0] ?? '', payload: new Uint8Array(), properties: { text } };
    this.request({ kind: 'publish', topic: TOPIC, message });
  }

  /** As one entry, in the partition of the first of them. */
  publishBatch(texts: readonly string[]): void {
    const [first, ...others] = texts.map((text) => {
      return { key: text.split(':')[0] ?? '', payload: new Uint8Array(), properties: { text } };
    });
    invariant(first !== undefined, 'a batch has a message');
    const partition = partitionOf(murmurHash(first.key), this.state.topics.get(TOPIC)?.partitionCount ?? 0);
    this.request({ kind: 'publish-batch', topic: TOPIC, partition, messages: [first, ...others] });
  }

  /** `name` may end in `#2` and so on, to tell consumers of one name apart. False when the broker refused. */
  join(name: string, type: SubscriptionType, receiverQueueSize: number, asked: Asked = {}): boolean {
    const consumerId = this.#nextConsumerId;
    this.#nextConsumerId += 1;
    this.#names.set(consumerId, name);
    const subscribe = {
      kind: 'subscribe',
      topic: TOPIC,
      subscription: SUBSCRIPTION,
      type,
      consumerId,
      consumerName: name.replace(/#.*/, ''),
      ...asked,
    } as const;
    const answer = this.request(subscribe);
    if (answer?.kind !== 'subscribed') return false;
    const { negativeAckDelayMs, ackTimeoutMs, maxRedeliverCount } = this.settings;
    const deadLetter =
      maxRedeliverCount === 0 ? null : { maxRedeliverCount, topic: 'dead', subscription: SUBSCRIPTION };
    const settings = { consumerId, type, receiverQueueSize, negativeAckDelayMs, ackTimeoutMs, deadLetter };
    const client = createClient(settings, answer.logs, this.nowMs);
    this.members.set(name, { name, subscribe, client, inHand: [] });
    this.#feed(name, { kind: 'open' });
    return true;
  }

  leave(name: string): void {
    const { consumerId } = this.member(name).subscribe;
    this.members.delete(name);
    this.request({ kind: 'leave', consumerId });
  }

  /** Ends the subscription, unless the broker refuses. */
  unsubscribe(name: string): void {
    const { consumerId } = this.member(name).subscribe;
    if (this.request({ kind: 'unsubscribe', consumerId })?.kind !== 'refused') this.members.delete(name);
  }

  /** Sets the subscription's cursor to that position of each partition. */
  seek(position: number): void {
    const partitions = this.state.topics.get(TOPIC)?.partitions ?? [];
    const to = new Map(partitions.map(({ partition }) => [partition, position]));
    this.request({ kind: 'seek', topic: TOPIC, subscription: SUBSCRIPTION, to });
  }

  /** The connection breaks; the client comes back by itself. */
  drop(name: string): void {
    this.request({ kind: 'leave', consumerId: this.member(name).subscribe.consumerId });
    this.#lose(name);
  }

  receive(name: string): void {
    this.#feed(name, { kind: 'receive', nowMs: this.nowMs });
  }

  /** Everything up to the message. */
  ackCumulative(name: string, { partition, messageId }: Delivery): void {
    for (const { inHand } of this.members.values()) {
      const kept = inHand.filter(
        (each) => each.partition !== partition || positionOf(each.messageId) > positionOf(messageId),
      );
      inHand.splice(0, inHand.length, ...kept);
    }
    this.#feed(name, { kind: 'ack-cumulative', ...placeIn(partition, messageId) });
  }

  /** Anybody may acknowledge anything: `name` is who asks. */
  ack(name: string, { partition, messageId }: Delivery): void {
    this.#drop(messageId);
    this.#feed(name, { kind: 'ack', ...placeIn(partition, messageId) });
  }

  /** Gives up this consumer's copy: after a Failover switch another may hold the message too, and keeps it. */
  nack(name: string, { partition, messageId }: Delivery): void {
    dropFrom(this.member(name), messageId);
    this.#feed(name, { kind: 'nack', partition, position: positionOf(messageId), nowMs: this.nowMs });
  }

  /** Lets time pass; timers fire when they are due, in order. */
  wait(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      this.#timers.sort((left, right) => left.atMs - right.atMs);
      const timer = this.#timers[0];
      if (timer === undefined || timer.atMs > endMs) break;
      this.#timers.shift();
      this.nowMs = Math.max(this.nowMs, timer.atMs);
      timer.wake();
    }
    this.nowMs = endMs;
  }

  get timersPending(): boolean {
    return this.#timers.length > 0;
  }

  /** Times, from now, at which something is due. */
  get dueInMs(): number[] {
    return [...new Set(this.#timers.map(({ atMs }) => atMs - this.nowMs))].sort((left, right) => left - right);
  }

  member(name: string): Member {
    const member = this.members.get(name);
    invariant(member !== undefined, `${name} is connected`);
    return member;
  }

  nameOf(consumerId: number): string {
    return this.#names.get(consumerId) ?? `#${consumerId}`;
  }

  request(request: BrokerRequest): BrokerAction | undefined {
    if (this.inputs.length > INPUT_COUNT_MAX) throw new Error('broken: the broker never comes to rest');
    const input = { ...request, nowMs: this.nowMs };
    const actions = step(this.state, input);
    this.#afterStep(this.state);
    this.inputs.push(input);
    this.answers.push(actions);
    this.#outbox.push(...actions);
    this.#performAll();
    return actions[0];
  }

  #performAll(): void {
    if (this.#performing) return;
    this.#performing = true;
    for (let action = this.#outbox.shift(); action !== undefined; action = this.#outbox.shift()) this.#perform(action);
    this.#performing = false;
  }

  #perform(action: BrokerAction): void {
    if (action.kind === 'refused') this.sights.push(action);
    if (action.kind === 'wake-at') this.#wakeAt(action.atMs, () => this.request({ kind: 'tick' }));
    if (action.kind === 'active-changed') {
      this.sights.push({ kind: 'active', consumer: this.nameOf(action.consumerId), partition: action.partition });
    }
    if (action.kind === 'deliver') {
      const consumer = this.nameOf(action.consumerId);
      this.sights.push({ kind: 'sent', consumer, delivery: action.delivery });
      this.#arrive(consumer, [action.delivery]);
    }
    if (action.kind === 'deliver-batch') {
      const consumer = this.nameOf(action.consumerId);
      for (const delivery of action.deliveries) this.sights.push({ kind: 'sent', consumer, delivery });
      this.#arrive(consumer, action.deliveries);
    }
    if (action.kind === 'disconnected') this.#lose(this.nameOf(action.consumerId));
  }

  #arrive(consumer: string, [first, ...others]: readonly Delivery[]): void {
    invariant(first !== undefined, 'an entry has a message');
    this.#feed(consumer, { kind: 'arrived', deliveries: [first, ...others], nowMs: this.nowMs });
  }

  #wakeAt(atMs: number, wake: () => void): void {
    this.#timers.push({ atMs, wake });
  }

  #feed(name: string, input: ClientInput): void {
    const member = this.member(name);
    for (const action of stepClient(member.client, input)) {
      if (action.kind === 'send') this.request(action.request);
      if (action.kind === 'wake-at') this.#wakeAt(action.atMs, () => this.#wake(member));
      if (action.kind === 'hand-over') {
        member.inHand.push(action.delivery);
        this.sights.push({ kind: 'received', consumer: name, delivery: action.delivery });
      }
    }
  }

  /** A client that was told tries again until it succeeds. */
  #lose(name: string): void {
    const member = this.members.get(name);
    if (member === undefined) return;
    this.sights.push({ kind: 'lost', consumer: name });
    this.#feed(name, { kind: 'disconnected' });
    this.#reconnectLater(member);
  }

  #reconnectLater(member: Member): void {
    this.#wakeAt(this.nowMs + this.settings.reconnectDelayMs, () => {
      if (this.members.get(member.name) !== member) return;
      if (this.request(member.subscribe)?.kind !== 'subscribed') this.#reconnectLater(member);
      else this.#feed(member.name, { kind: 'open' });
    });
  }

  #wake(member: Member): void {
    if (this.members.get(member.name) === member) this.#feed(member.name, { kind: 'tick', nowMs: this.nowMs });
  }

  #drop(messageId: string): void {
    for (const member of this.members.values()) dropFrom(member, messageId);
  }
}

function dropFrom({ inHand }: Member, messageId: string): void {
  const index = inHand.findIndex((delivery) => delivery.messageId === messageId);
  if (index >= 0) inHand.splice(index, 1);
}

function placeIn(partition: number, messageId: string) {
  return { partition, position: positionOf(messageId), batchIndex: batchIndexIn(messageId) };
}

export function positionOf(messageId: string): number {
  return Number(messageId.split(':')[1]);
}
