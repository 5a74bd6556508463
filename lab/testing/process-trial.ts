/**
 * One run with consumers that are processes, in any language, on a real Pulsar. Kills are SIGKILL, pauses SIGSTOP. What is
 * seen from outside: what was published, the log, the backlog, and who came and went. Deliveries are not, so that order
 * is judged by a journal of effects, and end states by what the store holds.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PulsarAdmin } from '../../shared/adapters/pulsar-admin';
import type { SubscriptionStats } from '../../shared/adapters/pulsar-admin-answer';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { systemClock } from '../../shared/adapters/system-clock';
import { OrderlabError } from '../../shared/errors';
import type { HistoryBody, QuiescenceBody } from '../../shared/model/history';
import type { Random } from '../../shared/ports';
import { type OpenedBroker, openBroker } from '../broker-by-url';
import { Chronicle } from './chronicle';
import type { FaultRequest } from './fault';
import type { Performance } from './trial';
import { headerOf } from './trial-header';
import type { TrialPlan } from './trial-plan';
import { waitUntil } from './wait';
import { lineTo, Worker } from './worker';
import { type Stock, stockOf } from './workload';

export interface RealBroker {
  readonly brokerUrl: string;
  /** null: derived from a ws:// address. */
  readonly adminUrl: string | null;
  /** Made before the consumers start, from the earliest message. */
  readonly subscription: string;
}

const POLL_MS = 50;
/** Acknowledgements of real clients travel in groups: the backlog has to stay empty for this long. */
const STILL_MS = 500;
/** Faults strike between these shares of the events, in percent. */
const SHARE_MIN = 10;
const SHARE_MAX = 60;
/** Above this share each fault that begins to strike releases as much as the others: there is work left for it. */
const SHARE_FREE = 80;

/** Rejects with USAGE for faults that only the drop-in can make. */
export async function performProcesses<Event>(plan: TrialPlan<Event>, at: RealBroker): Promise<Performance<Event>> {
  for (const fault of plan.faults) refuseInside(fault);
  const namespace = `public/kit-${randomBytes(6).toString('hex')}`;
  const place = { brokerUrl: at.brokerUrl, storeUrl: 'embedded:', adminUrl: at.adminUrl, namespace, keyPrefix: 'kit' };
  const opened = await openBroker({ ...place, clock: systemClock, audit: false, journal: null, role: 'owner' });
  try {
    const stock = await stockOf(plan, seededRandom(plan.seed));
    return await new ProcessTrial(plan, at, opened, namespace, stock).perform();
  } finally {
    await opened.close();
  }
}

/** What only the drop-in can do: a process is not seen from inside. */
function refuseInside(fault: FaultRequest): void {
  const { kind } = fault;
  if (!(kind in STRIKES)) {
    const problem = `the fault "${kind}" is made inside the client and cannot be made for processes: leave it out`;
    throw new OrderlabError('USAGE', { problem });
  }
  if (!('at' in fault) || (fault.at === null && fault.nth === null)) return;
  const problem = `steps of a process are not seen: leave \`at\` and \`nth\` out of the fault "${kind}"`;
  throw new OrderlabError('USAGE', { problem });
}

interface Strike {
  readonly fault: FaultRequest;
  /** Acknowledged events after which it strikes. */
  readonly afterEvents: number;
  readonly random: Random;
}

type Strikes = Readonly<
  Partial<Record<FaultRequest['kind'], (trial: ProcessTrial<never>, strike: Strike) => Promise<void>>>
>;

const STRIKES: Strikes = {
  kill: (trial, strike) => trial.kill(strike),
  pause: (trial, strike) => trial.pause(strike),
  join: (trial) => trial.join(),
  leave: (trial, strike) => trial.leave(strike),
  'broker-restart': (trial) => trial.unload(),
};

class ProcessTrial<Event> {
  readonly #topic: string;
  readonly #admin: PulsarAdmin;
  readonly #adminTopic: string;
  readonly #chronicle: Chronicle<Event>;
  readonly #workers: Worker[] = [];
  readonly #notes: string[] = [];
  readonly #pending: Strike[];
  /** Kinds of faults that found nothing to disturb. */
  readonly #unmet: string[] = [];
  #publishedCount = 0;

  constructor(
    private readonly plan: TrialPlan<Event>,
    private readonly at: RealBroker,
    private readonly opened: OpenedBroker,
    namespace: string,
    private readonly stock: readonly Stock<Event>[],
  ) {
    this.#adminTopic = `${namespace}/${plan.topic}`;
    this.#topic = `persistent://${this.#adminTopic}`;
    this.#admin = new PulsarAdmin({ url: at.adminUrl ?? at.brokerUrl.replace(/^ws/, 'http') });
    this.#chronicle = new Chronicle(this.#topic, stock);
    const random = seededRandom(plan.seed);
    this.#pending = plan.faults.map((fault, index) => {
      const own = random.stream('fault', String(index));
      const earliest = Math.floor((stock.length * SHARE_MIN) / 100);
      const room = Math.max(1, Math.floor((stock.length * (SHARE_MAX - SHARE_MIN)) / 100));
      return { fault, afterEvents: earliest + own.below(room), random: own };
    });
  }

  async perform(): Promise<Performance<Event>> {
    const { broker } = this.opened;
    await broker.createTopic(this.plan.topic, this.plan.partitions);
    await broker.createSubscription(this.plan.topic, this.at.subscription);
    try {
      for (let index = 1; index <= this.plan.consumers; index += 1) await this.#spawn(`c${index}`, 1);
      const subscriptionType = await this.#joined(this.plan.consumers);
      const header = headerOf({ ...this.plan, topic: this.#topic }, { subscriptionType, seen: 'processes' });
      this.#chronicle.supervisor(header);
      for (const { incarnation } of this.#workers) this.#cause('join', incarnation);
      const publishing = this.#publish();
      this.#record(await this.#untilStill(publishing));
      await this.#endAll('SIGTERM');
      const states = await this.#readBack();
      const unstruck = [...this.#pending.map(({ fault }) => fault.kind), ...this.#unmet];
      const { records } = this.#chronicle;
      return { records, stock: this.stock, subscriptionType, unstruck, notes: this.#notes, states };
    } finally {
      await this.#endAll('SIGKILL');
    }
  }

  // ---- Faults

  async kill({ fault, random }: Strike): Promise<void> {
    const worker = this.#victim(random);
    if (worker === null) return;
    await this.#end(worker, 'SIGKILL');
    this.#struck('crash', worker.incarnation);
    this.#cause('crash', worker.incarnation);
    if (fault.kind === 'kill') await fault.meanwhile?.();
    const next = await this.#spawn(worker.name, worker.incarnationNumber + 1);
    await this.#joined(this.#workers.length);
    this.#cause('join', next.incarnation);
  }

  /**
   * It is stopped while no hash drains at it, or what others own would wait for it; its share of the rest is handed out, also to it.
   * Then the broker is made to see it gone, and others do what it held, as after a keep-alive time-out; it goes on where it was.
   */
  async pause({ fault, random }: Strike): Promise<void> {
    const worker = this.#victim(random);
    if (worker === null) return;
    await this.#until('hashes to drain', async () => (await this.#stats()).every((of) => of.drainingHashCount === 0));
    worker.stop();
    this.#struck('pause', worker.incarnation);
    await this.#until('the rest to be published', () => this.#publishedCount >= this.#publishedCountMax);
    await this.#until('all to be handed out', () => this.#isAllHandedOut());
    if ((await this.#backlog()) === 0) this.#unmet.push(fault.kind);
    if (fault.kind === 'pause') await fault.meanwhile?.();
    if (worker.hasLine) worker.loseLine();
    else await this.#admin.unload(this.#adminTopic);
    if (this.#workers.length > 1) await this.#until('the others', async () => (await this.#backlog()) === 0);
    worker.goOn();
    await this.#until('it to be back', async () => worker.hasEnded || (await this.#areAllJoined()));
  }

  async join(): Promise<void> {
    const name = `c${new Set(this.#workers.map((worker) => worker.name)).size + 1}`;
    this.#struck('join', null);
    const worker = await this.#spawn(name, 1);
    await this.#joined(this.#workers.length);
    this.#cause('join', worker.incarnation);
  }

  async leave({ random }: Strike): Promise<void> {
    const worker = this.#victim(random);
    if (worker === null) return;
    this.#struck('leave', worker.incarnation);
    await this.#end(worker, 'SIGTERM');
    this.#cause('leave', worker.incarnation);
  }

  async unload(): Promise<void> {
    this.#struck('unload', null);
    await this.#admin.unload(this.#adminTopic);
    /** Who is not back yet holds nothing: the next fault would strike nobody. */
    await this.#until('all to be back', () => this.#areAllJoined());
  }

  // ---- Processes

  async #spawn(name: string, incarnation: number): Promise<Worker> {
    const { brokerUrl, subscription } = this.at;
    const needsLine = !/^pulsar/.test(brokerUrl) && this.plan.faults.some(({ kind }) => kind === 'pause');
    const { line, url } = needsLine ? await lineTo(brokerUrl) : { line: null, url: brokerUrl };
    const started = this.plan.start({ name, incarnation, topic: this.#topic, subscription, brokerUrl: url });
    if (!isProcess(started)) {
      await line?.close();
      const problem = 'with `broker`, start has to return the process that it spawned, synchronously';
      throw new OrderlabError('USAGE', { problem });
    }
    started.on('error', (error) => this.#notes.push(`${name} could not be started: ${error.message}`));
    const worker = new Worker(name, incarnation, started, line);
    this.#workers.push(worker);
    return worker;
  }

  #victim(random: Random): Worker | null {
    return this.#workers.length === 0 ? null : (this.#workers[random.below(this.#workers.length)] ?? null);
  }

  async #end(worker: Worker, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    await worker.end(signal);
  }

  async #endAll(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    for (const worker of [...this.#workers]) {
      await this.#end(worker, signal);
      if (signal === 'SIGTERM') this.#cause('leave', worker.incarnation);
    }
  }

  async #joined(count: number) {
    const lastLookMs = performance.now() + this.plan.deadlineMs;
    for (;;) {
      const joinedCount = await this.#joinedCount();
      const broken = this.#workers.find(({ hasEnded }) => hasEnded);
      if (broken !== undefined) throw endedEarly(broken);
      if (joinedCount >= count) return typeOf((await this.#stats())[0]?.type ?? '');
      if (performance.now() > lastLookMs) throw this.#tooFewJoined(joinedCount, count);
      await pause(POLL_MS);
    }
  }

  async #areAllJoined(): Promise<boolean> {
    return (await this.#joinedCount()) >= this.#workers.length;
  }

  /** Consumers that every partition has. */
  async #joinedCount(): Promise<number> {
    const counts = (await this.#stats()).map(({ consumers }) => consumers.length);
    return counts.length === 0 ? 0 : Math.min(...counts);
  }

  /** The subscription is made before anybody asks, and is there to the end. */
  async #stats(): Promise<readonly SubscriptionStats[]> {
    const { partitions } = this.plan;
    return (await this.#admin.subscriptionStats(this.#adminTopic, partitions, this.at.subscription)) ?? [];
  }

  #tooFewJoined(joinedCount: number, count: number): OrderlabError {
    const problem = `${joinedCount} of ${count} consumers subscribed to ${this.#topic} as ${this.at.subscription} in time`;
    return new OrderlabError('USAGE', {
      problem: `${problem}: start is told the topic, the subscription and the broker`,
    });
  }

  // ---- The run

  async #publish(): Promise<void> {
    const producer = await this.opened.broker.createProducer(this.plan.topic, 'orderlab');
    for (const item of this.stock) {
      await this.#until('a fault to strike', () => this.#publishedCount < this.#publishedCountMax);
      const stored = this.#chronicle.publishing(item);
      const message = { key: item.user, payload: item.payload, properties: {} };
      stored(await producer.send(message));
      this.#publishedCount += 1;
    }
    await producer.close();
  }

  async #untilStill(publishing: Promise<void>): Promise<QuiescenceBody> {
    let failure: unknown = null;
    publishing.catch((thrown: unknown) => {
      failure = thrown;
    });
    let latest = '';
    let movedAtMs = performance.now();
    for (;;) {
      if (failure !== null) throw failure;
      this.#noteEnded();
      await this.#strikeDue(this.#publishedCount - (await this.#backlog()));
      const backlog = await this.#backlog();
      const moved = `${backlog} ${this.#pending.length} ${this.#publishedCount}`;
      if (moved !== latest) movedAtMs = performance.now();
      latest = moved;
      const idleMs = performance.now() - movedAtMs;
      const isDone = this.#isAllPublished && backlog === 0 && this.#pending.length === 0;
      if (isDone && idleMs > STILL_MS) return quiescence('drained', backlog);
      if (this.#isAllPublished && idleMs > this.plan.deadlineMs) {
        return quiescence(backlog === 0 ? 'drained' : 'deadline', backlog);
      }
      await pause(POLL_MS);
    }
  }

  /** How much may be published by now. */
  get #publishedCountMax(): number {
    const faultCount = this.plan.faults.length;
    const struckShare = faultCount === 0 ? 1 : 1 - this.#pending.length / faultCount;
    return Math.floor((this.stock.length * (SHARE_FREE + (100 - SHARE_FREE) * struckShare)) / 100);
  }

  get #isAllPublished(): boolean {
    return this.#publishedCount === this.stock.length;
  }

  /** Nothing waits at the broker any more: what is not acknowledged is in somebody's hands. Counted for two types only. */
  async #isAllHandedOut(): Promise<boolean> {
    const stats = await this.#stats();
    return stats.every(({ type, backlog, unackedCount }) => !isCounted(type) || backlog === unackedCount);
  }

  /** What others bring about; when they do not, the run goes on all the same, shows less, and says so. */
  async #until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    if (!(await waitUntil(holds, this.plan.deadlineMs, POLL_MS))) this.#notes.push(`waited in vain for ${what}`);
  }

  /** Nobody starts it again: a supervisor that does is part of what the test spawns. */
  #noteEnded(): void {
    for (const worker of this.#workers.filter(({ hasEnded }) => hasEnded)) {
      this.#workers.splice(this.#workers.indexOf(worker), 1);
      this.#notes.push(`${worker.name} ended by itself (${worker.ending})`);
      this.#cause('crash', worker.incarnation);
    }
  }

  async #strikeDue(acknowledgedCount: number): Promise<void> {
    for (const strike of [...this.#pending]) {
      if (acknowledgedCount < strike.afterEvents) continue;
      this.#pending.splice(this.#pending.indexOf(strike), 1);
      await STRIKES[strike.fault.kind]?.(this as unknown as ProcessTrial<never>, strike);
    }
  }

  async #backlog(): Promise<number> {
    return (await this.opened.broker.stats(this.plan.topic, this.at.subscription)).backlog;
  }

  /** Messages are known by their place here: nothing that the kit could add to them would be hidden from the consumers. */
  async #readBack(): Promise<ReadonlyMap<string, unknown>> {
    const { effects, journal } = this.plan;
    const users = [...new Set(this.stock.map(({ user }) => user))];
    if (journal !== null) {
      for (const user of users) this.#chronicle.journalled(user, (await journal(user)) as readonly unknown[]);
    }
    for await (const entry of this.opened.broker.readLog(this.plan.topic)) this.#chronicle.loggedById(entry);
    this.#chronicle.book.close();
    const states = new Map<string, unknown>();
    if (effects !== null) for (const user of users) states.set(user, await effects.read(user));
    return states;
  }

  #record(body: HistoryBody): void {
    this.#chronicle.supervisor(body);
  }

  #cause(type: 'join' | 'leave' | 'crash', consumer: string): void {
    this.#chronicle.cause(type, consumer);
  }

  #struck(fault: 'crash' | 'pause' | 'join' | 'leave' | 'unload', consumer: string | null): void {
    this.#record({ stream: 'Fault', type: 'struck', fault, at: null, consumer, user: null, sequence: null });
  }
}

function isProcess(started: unknown): started is ChildProcess {
  return typeof started === 'object' && started !== null && 'pid' in started && 'kill' in started;
}

function endedEarly({ name, ending }: Worker): OrderlabError {
  return new OrderlabError('USAGE', { problem: `the process of ${name} ended before it subscribed (${ending})` });
}

function quiescence(state: QuiescenceBody['state'], backlog: number): QuiescenceBody {
  return { stream: 'Run', type: 'quiescence', state, backlog, parked: 0 };
}

const TYPES = { Exclusive: 'exclusive', Failover: 'failover', Shared: 'shared', Key_Shared: 'key-shared' } as const;

/** Pulsar counts unacknowledged messages where each is acknowledged for itself. */
function isCounted(type: string): boolean {
  return type === 'Shared' || type === 'Key_Shared';
}

function typeOf(spelling: string) {
  return TYPES[spelling as keyof typeof TYPES] ?? 'exclusive';
}
