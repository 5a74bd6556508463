/**
 * One run with consumers that are processes, in any language, on a real Pulsar. Kills are SIGKILL, pauses SIGSTOP. What is
 * seen from outside: what was published, the log, the backlog, and who came and went. Deliveries are not, so that order
 * is judged by a journal of effects, and end states by what the store holds.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PulsarAdmin } from '../../shared/adapters/pulsar-admin';
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
import { type Stock, stockOf } from './workload';

export interface RealBroker {
  readonly brokerUrl: string;
  /** null: derived from a ws:// address. */
  readonly adminUrl: string | null;
  /** Made before the consumers start, from the earliest message. */
  readonly subscription: string;
}

const POLL_MS = 50;
/** How long a process that was asked to end may take. */
const END_DEADLINE_MS = 5_000;
/** Acknowledgements of real clients travel in groups: the backlog has to stay empty for this long. */
const STILL_MS = 500;
/** A process that stands still is left alone for this long after its messages went to others. */
const PAUSE_MS = 1_000;
/** Faults strike between these shares of the events, in percent. */
const SHARE_MIN = 10;
const SHARE_MAX = 60;

/** Rejects with USAGE for faults that only the drop-in can make. */
export async function performProcesses<Event>(plan: TrialPlan<Event>, at: RealBroker): Promise<Performance<Event>> {
  for (const { kind } of plan.faults) {
    if (kind in STRIKES) continue;
    const problem = `the fault "${kind}" is made inside the client and cannot be made for processes: leave it out`;
    throw new OrderlabError('USAGE', { problem });
  }
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

/** A consumer's process. */
interface Worker {
  readonly name: string;
  readonly incarnation: number;
  readonly child: ChildProcess;
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
      for (let index = 1; index <= this.plan.consumers; index += 1) this.#spawn(`c${index}`, 1);
      const subscriptionType = await this.#joined(this.plan.consumers);
      const header = headerOf({ ...this.plan, topic: this.#topic }, { subscriptionType, seen: 'processes' });
      this.#chronicle.supervisor(header);
      for (const { name, incarnation } of this.#workers) this.#cause('join', `${name}#${incarnation}`);
      const publishing = this.#publish();
      this.#record(await this.#untilStill(publishing));
      await this.#endAll('SIGTERM');
      const states = await this.#readBack();
      const unstruck = this.#pending.map(({ fault }) => fault.kind);
      return {
        records: this.#chronicle.records,
        stock: this.stock,
        subscriptionType,
        unstruck,
        notes: this.#notes,
        states,
      };
    } finally {
      await this.#endAll('SIGKILL');
    }
  }

  // ---- Faults

  async kill({ fault, random }: Strike): Promise<void> {
    const worker = this.#victim(random);
    if (worker === null) return;
    const incarnation = `${worker.name}#${worker.incarnation}`;
    await this.#end(worker, 'SIGKILL');
    this.#struck('crash', incarnation);
    this.#cause('crash', incarnation);
    if (fault.kind === 'kill') await fault.meanwhile?.();
    this.#spawn(worker.name, worker.incarnation + 1);
    await this.#joined(this.#workers.length);
    this.#cause('join', `${worker.name}#${worker.incarnation + 1}`);
  }

  /** The topic is unloaded while the process cannot answer: what it held goes to others, as after a keep-alive time-out. */
  async pause({ fault, random }: Strike): Promise<void> {
    const worker = this.#victim(random);
    if (worker === null) return;
    worker.child.kill('SIGSTOP');
    this.#struck('pause', `${worker.name}#${worker.incarnation}`);
    if (fault.kind === 'pause') await fault.meanwhile?.();
    await this.#admin.unload(this.#adminTopic);
    await pause(PAUSE_MS);
    worker.child.kill('SIGCONT');
  }

  async join(): Promise<void> {
    const name = `c${new Set(this.#workers.map((worker) => worker.name)).size + 1}`;
    this.#struck('join', null);
    this.#spawn(name, 1);
    await this.#joined(this.#workers.length);
    this.#cause('join', `${name}#1`);
  }

  async leave({ random }: Strike): Promise<void> {
    const worker = this.#victim(random);
    if (worker === null) return;
    this.#struck('leave', `${worker.name}#${worker.incarnation}`);
    await this.#end(worker, 'SIGTERM');
    this.#cause('leave', `${worker.name}#${worker.incarnation}`);
  }

  async unload(): Promise<void> {
    this.#struck('unload', null);
    await this.#admin.unload(this.#adminTopic);
  }

  // ---- Processes

  #spawn(name: string, incarnation: number): void {
    const { brokerUrl, subscription } = this.at;
    const started = this.plan.start({ name, incarnation, topic: this.#topic, subscription, brokerUrl });
    if (!isProcess(started)) {
      const problem = 'with `broker`, start has to return the process that it spawned, synchronously';
      throw new OrderlabError('USAGE', { problem });
    }
    started.on('error', (error) => this.#notes.push(`${name} could not be started: ${error.message}`));
    this.#workers.push({ name, incarnation, child: started });
  }

  #victim(random: Random): Worker | null {
    return this.#workers.length === 0 ? null : (this.#workers[random.below(this.#workers.length)] ?? null);
  }

  async #end(worker: Worker, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    const { child } = worker;
    child.kill(signal);
    const isOver = await waitUntil(() => hasEnded(child), END_DEADLINE_MS, POLL_MS);
    if (!isOver) child.kill('SIGKILL');
    await waitUntil(() => hasEnded(child), END_DEADLINE_MS, POLL_MS);
  }

  async #endAll(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    for (const worker of [...this.#workers]) {
      await this.#end(worker, signal);
      if (signal === 'SIGTERM') this.#cause('leave', `${worker.name}#${worker.incarnation}`);
    }
  }

  async #joined(count: number) {
    let seenCount = 0;
    const look = async () => {
      const stats = await this.#admin.subscriptionStats(this.#adminTopic, this.plan.partitions, this.at.subscription);
      seenCount = Math.min(...(stats ?? []).map(({ consumers }) => consumers.length));
      const broken = this.#workers.find(({ child }) => hasEnded(child));
      if (broken !== undefined) throw this.#endedEarly(broken);
      return seenCount >= count && stats?.[0] !== undefined ? stats[0].type : null;
    };
    const lastLookMs = performance.now() + this.plan.deadlineMs;
    for (;;) {
      const type = await look();
      if (type !== null) return typeOf(type);
      if (performance.now() > lastLookMs) {
        const problem = `${seenCount} of ${count} consumers subscribed to ${this.#topic} as ${this.at.subscription} in time`;
        throw new OrderlabError('USAGE', {
          problem: `${problem}: start is told the topic, the subscription and the broker`,
        });
      }
      await pause(POLL_MS);
    }
  }

  #endedEarly({ name, child }: Worker): OrderlabError {
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    return new OrderlabError('USAGE', { problem: `the process of ${name} ended before it subscribed (${how})` });
  }

  // ---- The run

  async #publish(): Promise<void> {
    const producer = await this.opened.broker.createProducer(this.plan.topic, 'orderlab');
    for (const item of this.stock) {
      const stored = this.#chronicle.publishing(item);
      const message = { key: item.user, payload: item.payload, properties: {} };
      stored(await producer.send(message));
    }
    await producer.close();
  }

  async #untilStill(publishing: Promise<void>): Promise<QuiescenceBody> {
    let isPublished = false;
    let failure: unknown = null;
    publishing.then(
      () => {
        isPublished = true;
      },
      (thrown: unknown) => {
        failure = thrown;
      },
    );
    let latest = -1;
    let movedAtMs = performance.now();
    for (;;) {
      if (failure !== null) throw failure;
      const backlog = await this.#backlog();
      const idleMs = performance.now() - movedAtMs;
      if (backlog !== latest || !isPublished) movedAtMs = performance.now();
      latest = backlog;
      this.#noteEnded();
      await this.#strikeDue(this.#publishedCount - backlog);
      const isDone = isPublished && backlog === 0 && this.#pending.length === 0;
      if (isDone && idleMs > STILL_MS)
        return { stream: 'Run', type: 'quiescence', state: 'drained', backlog, parked: 0 };
      if (isPublished && idleMs > this.plan.deadlineMs) {
        return { stream: 'Run', type: 'quiescence', state: backlog === 0 ? 'drained' : 'deadline', backlog, parked: 0 };
      }
      await pause(POLL_MS);
    }
  }

  /** Nobody starts it again: a supervisor that does is part of what the test spawns. */
  #noteEnded(): void {
    for (const worker of this.#workers.filter(({ child }) => hasEnded(child))) {
      this.#workers.splice(this.#workers.indexOf(worker), 1);
      const { name, incarnation, child } = worker;
      this.#notes.push(`${name} ended by itself (${child.signalCode ?? `exit code ${child.exitCode}`})`);
      this.#cause('crash', `${name}#${incarnation}`);
    }
  }

  async #strikeDue(acknowledgedCount: number): Promise<void> {
    for (const strike of [...this.#pending]) {
      if (acknowledgedCount < strike.afterEvents) continue;
      this.#pending.splice(this.#pending.indexOf(strike), 1);
      await STRIKES[strike.fault.kind]?.(this as unknown as ProcessTrial<never>, strike);
    }
  }

  get #publishedCount(): number {
    return this.#chronicle.records.filter((record) => record.stream === 'Pub' && record.type === 'return').length;
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

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

const TYPES = { Exclusive: 'exclusive', Failover: 'failover', Shared: 'shared', Key_Shared: 'key-shared' } as const;

function typeOf(spelling: string) {
  return TYPES[spelling as keyof typeof TYPES] ?? 'exclusive';
}
