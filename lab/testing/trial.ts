/**
 * One run inside this process: consumers start, events are published, faults strike, and when nothing moves any more the
 * log and the end states are read. It judges nothing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { OrderlabError } from '../../shared/errors';
import type { HistoryRecord, QuiescenceBody } from '../../shared/model/history';
import type { Delivery } from '../../shared/model/message';
import type { SubscriptionType } from '../../shared/model/subscription';
import { Chronicle } from './chronicle';
import { Cluster, fullTopicName } from './client/cluster';
import { withAttributes } from './client/content';
import type { Passage } from './client/host';
import { place } from './client/place';
import { Director, type Hands } from './director';
import type { StepName } from './fault';
import { inFreshModules } from './module-reload';
import { watchSockets } from './socket-watch';
import { type Stage, Subject } from './subject';
import { headerOf } from './trial-header';
import type { TrialPlan } from './trial-plan';
import { waitUntil } from './wait';
import { type Stock, stockOf } from './workload';

/** What a run left. */
export interface Performance<Event> {
  readonly records: readonly HistoryRecord[];
  readonly stock: readonly Stock<Event>[];
  readonly subscriptionType: SubscriptionType;
  /** Kinds of faults that met nothing. */
  readonly unstruck: readonly string[];
  /** What went wrong beside the verdict, one sentence each. */
  readonly notes: readonly string[];
  /** By user, as the consumers left it; empty when nobody said how to read. */
  readonly states: ReadonlyMap<string, unknown>;
}

/** How long a consumer that stands still waits for others to work off what it holds. */
const PAUSE_MS_MAX = 2_000;
/** How long a consumer that leaves may work on what it has in hand, and one that is stopped on its end. */
const LEAVE_DEADLINE_MS = 2_000;
/** Negative acknowledgements are due after this at the latest, whatever the consumer asked for: a run waits for them. */
const NEGATIVE_ACK_DELAY_MS_MAX = 100;
const POLL_MS = 1;
/** Stillness that has to last this many looks: a reply may be on its way through the microtasks. */
const STILL_LOOKS = 3;

type Meanwhile = (() => Promise<unknown>) | null;

export async function performTrial<Event>(plan: TrialPlan<Event>): Promise<Performance<Event>> {
  const random = seededRandom(plan.seed);
  const stock = await stockOf(plan, random);
  const trial = new Trial(plan, stock, new Chronicle(fullTopicName(plan.topic), stock));
  /** A test that its runner has given up goes on running: the next one waits for it. */
  const performed = place().latestRun.then(() => trial.perform());
  place().latestRun = performed.catch(() => {});
  return performed;
}

class Trial<Event> implements Stage, Hands {
  readonly negativeAckDelayMsMax = NEGATIVE_ACK_DELAY_MS_MAX;
  readonly subscriptionType: SubscriptionType | null;
  readonly #topic: string;
  readonly #cluster = new Cluster();
  readonly #director: Director;
  readonly #subjects: Subject[] = [];
  /** Under way: a start, a pause, a departure. */
  readonly #errands = new Set<Promise<void>>();
  readonly #notes: string[] = [];
  #failure: unknown = null;
  #starting: Promise<unknown> = Promise.resolve();
  #isPublished = false;

  constructor(
    private readonly plan: TrialPlan<Event>,
    private readonly stock: readonly Stock<Event>[],
    private readonly chronicle: Chronicle<Event>,
  ) {
    this.#topic = fullTopicName(plan.topic);
    this.subscriptionType = plan.subscriptionType;
    this.#director = new Director(plan.faults, stock.length, seededRandom(plan.seed), this);
  }

  async perform(): Promise<Performance<Event>> {
    place().cluster = this.#cluster;
    await this.#cluster.ensureTopic(this.#topic, this.plan.partitions);
    const unwatch = watchSockets(() => {
      const host = place().hosts.getStore();
      return host instanceof Subject ? host : null;
    });
    try {
      const subscriptionType = await this.#startAll();
      await this.#publish();
      this.chronicle.supervisor(await this.#untilStill());
      const states = await this.#readBack();
      const { records } = this.chronicle;
      const { unstruck } = this.#director;
      return { records, stock: this.stock, subscriptionType, unstruck, notes: this.#notes, states };
    } finally {
      await this.#endAll();
      unwatch();
    }
  }

  // ---- Stage: what subjects ask

  step(subject: Subject, step: StepName, delivery: Delivery | null): void {
    if (this.#isPublished || delivery !== null) this.#director.step(subject, step, delivery);
    if (step === 'ack' && delivery !== null && subject.isAlive) {
      this.chronicle.acknowledging(subject.receiverOf(delivery.messageId), delivery);
    }
  }

  receiving(subject: Subject): Passage<'give-back'> {
    return this.#director.receiving(subject);
  }

  losesAck(delivery: Delivery): boolean {
    return this.#director.losesAck(delivery);
  }

  received(subject: Subject, delivery: Delivery): void {
    this.#director.delivered(delivery);
    this.chronicle.received(subject.incarnation, delivery);
  }

  acknowledged(subject: Subject, delivery: Delivery): void {
    this.chronicle.acknowledgedBy(subject.receiverOf(delivery.messageId), delivery);
  }

  givenBack(subject: Subject, delivery: Delivery): void {
    this.chronicle.givenBack(subject.receiverOf(delivery.messageId), delivery);
  }

  // ---- Hands: what the director asks

  kill(subject: Subject, step: StepName, delivery: Delivery | null, meanwhile: Meanwhile): void {
    subject.die();
    this.chronicle.struck('crash', subject, step, delivery);
    this.chronicle.cause('crash', subject.incarnation);
    this.#errand(async () => {
      await meanwhile?.();
      subject.cutOff();
      await this.#start(subject.name, subject.incarnationNumber + 1);
    });
  }

  pause(subject: Subject, step: StepName, delivery: Delivery | null, meanwhile: Meanwhile): void {
    subject.pause();
    this.chronicle.struck('pause', subject, step, delivery);
    this.#errand(async () => {
      await meanwhile?.();
      const inHand = subject.unacknowledged;
      this.chronicle.cause('leave', subject.incarnation);
      subject.cutOff();
      await waitUntil(() => inHand.every((id) => this.chronicle.acknowledged.has(id)), PAUSE_MS_MAX, POLL_MS);
      await this.#rejoin(subject);
      subject.resume();
    });
  }

  join(): void {
    this.#errand(async () => {
      this.chronicle.struck('join', null, null, null);
      await this.#start(`c${this.#nameCount + 1}`, 1);
    });
  }

  leave(subject: Subject): void {
    this.#errand(async () => {
      this.chronicle.struck('leave', subject, null, null);
      await waitUntil(() => subject.inHandCount === 0, LEAVE_DEADLINE_MS, POLL_MS);
      this.chronicle.cause('leave', subject.incarnation);
      subject.die();
      subject.cutOff();
    });
  }

  restartBroker(): void {
    const connected = this.#alive;
    this.chronicle.struck('broker-restart', null, null, null);
    for (const { incarnation } of connected) this.chronicle.cause('leave', incarnation);
    for (const subject of connected) subject.cutOff();
    this.#errand(async () => {
      for (const subject of connected) await this.#rejoin(subject);
    });
  }

  async sleep(ms: number): Promise<void> {
    await pause(ms);
  }

  // ---- Consumers

  get #alive(): readonly Subject[] {
    return this.#subjects.filter(({ isAlive }) => isAlive);
  }

  get #nameCount(): number {
    return new Set(this.#subjects.map(({ name }) => name)).size;
  }

  async #startAll(): Promise<SubscriptionType> {
    const names = Array.from({ length: this.plan.consumers }, (_, index) => `c${index + 1}`);
    for (const name of names) await this.#begin(name, 1);
    const subscriptionType = this.plan.subscriptionType ?? this.#subjects[0]?.askedType ?? 'exclusive';
    this.chronicle.supervisor(headerOf(this.plan, { subscriptionType, seen: 'in-process' }));
    for (const { incarnation } of this.#subjects) this.chronicle.cause('join', incarnation);
    return subscriptionType;
  }

  async #start(name: string, incarnation: number): Promise<void> {
    const subject = await this.#begin(name, incarnation);
    this.chronicle.cause('join', subject.incarnation);
  }

  /** One after the other: modules are isolated for one at a time. */
  #begin(name: string, incarnation: number): Promise<Subject> {
    const begun = this.#starting.then(() => this.#beginNow(name, incarnation));
    this.#starting = begun.catch(() => {});
    return begun;
  }

  async #beginNow(name: string, incarnation: number): Promise<Subject> {
    const subject = new Subject(name, incarnation, this);
    this.#subjects.push(subject);
    const life = {
      name,
      incarnation,
      topic: this.plan.topic,
      subscription: null,
      brokerUrl: 'pulsar://localhost:6650',
    };
    await subject.run(() =>
      inFreshModules(async () => {
        const started = Promise.resolve(this.plan.start(life));
        started.catch((thrown: unknown) => this.#endedByItself(subject, thrown));
        await waitUntil(() => this.#hasJoined(subject) || subject.isDead, this.plan.deadlineMs, POLL_MS);
        void started.then(
          (handle) => subject.keep(handle),
          () => {},
        );
      }),
    );
    if (!this.#hasJoined(subject)) throw this.#neverJoined(subject);
    return subject;
  }

  #hasJoined(subject: Subject): boolean {
    return [...subject.members].some(({ topics }) => topics.includes(this.#topic));
  }

  #neverJoined(subject: Subject): OrderlabError {
    const others = [...subject.members].flatMap(({ topics }) => topics);
    const instead = others.length === 0 ? 'it subscribed to nothing' : `it subscribed to ${others.join(', ')}`;
    const because = this.#notes.length === 0 ? instead : this.#notes.join('; ');
    const advice =
      "is pulsar-client replaced by orderlab/testing/pulsar-client before the consumer's module is loaded?";
    const problem = `${subject.name} did not subscribe to ${this.#topic} within ${this.plan.deadlineMs} ms: ${because}; ${advice}`;
    return new OrderlabError('USAGE', { problem });
  }

  /** Its process would have ended here. */
  #endedByItself(subject: Subject, thrown: unknown): void {
    if (subject.isDead) return;
    this.#notes.push(`${subject.name} ended by itself: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    subject.die();
    if (this.chronicle.records.length > 0) this.chronicle.cause('crash', subject.incarnation);
    subject.cutOff();
  }

  async #rejoin(subject: Subject): Promise<void> {
    await subject.reconnect();
    /** It died or left while its connection was being made: whoever ended it has cut off another one. */
    if (subject.isDead) subject.cutOff();
    else this.chronicle.cause('join', subject.incarnation);
  }

  async #endAll(): Promise<void> {
    for (const subject of this.#subjects) {
      subject.resume();
      if (subject.isAlive && subject.stop !== null) await this.#stop(subject, subject.stop);
      subject.die();
      subject.cutOff();
    }
    await this.#cluster.broker.close();
  }

  async #stop(subject: Subject, stop: () => unknown): Promise<void> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    void subject.run(async () => stop()).then(over, over);
    await waitUntil(() => isOver, LEAVE_DEADLINE_MS, POLL_MS);
  }

  // ---- The run

  async #publish(): Promise<void> {
    const producer = await this.#cluster.broker.createProducer(this.#topic, 'orderlab');
    for (const item of this.stock) {
      const stored = this.chronicle.publishing(item);
      const { user: partitionKey } = item;
      const attributes = { partitionKey, orderingKey: '', producerName: 'orderlab', eventTimestamp: 0 };
      const message = withAttributes(this.chronicle.messageOf(item), { ...attributes, publishTimestamp: Date.now() });
      stored(await producer.send(message));
    }
    this.#isPublished = true;
  }

  /** Resolves when everything is acknowledged and every consumer waits, or when nothing has moved for too long. */
  async #untilStill(): Promise<QuiescenceBody> {
    let progress = -1;
    let movedAtMs = performance.now();
    for (let stillLooks = 0; stillLooks < STILL_LOOKS; await pause(POLL_MS)) {
      if (this.#failure !== null) throw this.#failure;
      stillLooks = (await this.#isStill()) ? stillLooks + 1 : 0;
      if (progress !== this.chronicle.progress) movedAtMs = performance.now();
      progress = this.chronicle.progress;
      if (performance.now() - movedAtMs > this.plan.deadlineMs) {
        return { stream: 'Run', type: 'quiescence', state: 'deadline', backlog: await this.#backlog(), parked: 0 };
      }
    }
    return { stream: 'Run', type: 'quiescence', state: 'drained', backlog: 0, parked: 0 };
  }

  async #isStill(): Promise<boolean> {
    if (this.#errands.size > 0 || (await this.#backlog()) > 0) return false;
    return this.#alive.every(({ isIdle }) => isIdle);
  }

  async #backlog(): Promise<number> {
    const [subscription, ...others] = this.#subscriptions;
    if (subscription === undefined || others.length > 0) {
      const names = this.#subscriptions.join(', ');
      throw new OrderlabError('USAGE', { problem: `consumers compete on one subscription, these use: ${names}` });
    }
    return this.#cluster.backlog(this.#topic, subscription);
  }

  get #subscriptions(): readonly string[] {
    const members = this.#subjects.flatMap((subject) => [...subject.members]);
    const own = members.filter(({ topics }) => topics.includes(this.#topic));
    return [...new Set(own.map(({ subscription }) => subscription))];
  }

  async #readBack(): Promise<ReadonlyMap<string, unknown>> {
    const { effects, journal } = this.plan;
    const users = [...new Set(this.stock.map(({ user }) => user))];
    if (journal !== null) {
      for (const user of users) this.chronicle.journalled(user, (await journal(user)) as readonly unknown[]);
    }
    for await (const entry of this.#cluster.broker.readLog(this.#topic)) this.chronicle.logged(entry);
    this.chronicle.book.close();
    const states = new Map<string, unknown>();
    if (effects !== null) for (const user of users) states.set(user, await effects.read(user));
    return states;
  }

  #errand(work: () => Promise<void>): void {
    const errand = work().catch((thrown: unknown) => {
      this.#failure ??= thrown;
    });
    this.#errands.add(errand);
    void errand.then(() => this.#errands.delete(errand));
  }
}
