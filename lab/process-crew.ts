/** Crew of processes: every consumer is a process that can really be killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { MetricSheet } from '../shared/adapters/prometheus-sheet';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import { invariant } from '../shared/model/invariant';
import type { MeterName } from '../shared/model/metric';
import type { EventRef } from '../shared/model/plan';
import type { AcknowledgementWatch } from './acknowledgement-watch';
import type { ConsumerJob } from './consumer-job';
import { DRAIN_DEADLINE_MS } from './consumer-settings';
import type { Crew, Member, Observer } from './crew';
import type { CrashFault } from './fault-arm';
import { installation } from './installation';
import {
  ANSWER_FD,
  type Counts,
  type Notice,
  type Order,
  QUESTION_FD,
  type Question,
  type ShortAnswer,
} from './process-channel';
import { TcpProxy } from './tcp-proxy';
import { adminUrlOf, type Place } from './world';

/** From the start of a process to its subscription. */
export const START_DEADLINE_MS = 60_000;

/** The very build that runs here, so that a run is of one release; the launcher where this runs from the sources. */
const BUILT = join(__dirname, 'main.js');
export const PROGRAM = existsSync(BUILT) ? BUILT : join(installation.root, 'lab', 'orderlab.js');

/** A group of its own: Ctrl-C asks the supervisor, who decides what becomes of the run, and not who has just begun. */
export const OUT_OF_THE_TERMINAL = { detached: true };

/** Of a ws:// address that names none. */
const WEB_PORT = 80;

/** What all lives of a run share. */
export type JobOfRun = Omit<ConsumerJob, 'name' | 'id' | 'historyPath' | 'clockOriginMs' | 'isObserved'>;

/** Where the numbers of several processes become one sheet. */
export type Gathering = Pick<MetricSheet, 'take' | 'leave'>;

export class ProcessCrew implements Crew {
  private readonly members = new Set<ProcessMember>();
  /** Whoever ends the command at once leaves nobody behind, not even one that stands still and hears of nothing. */
  private readonly endWithProcess = (): void => this.disband();

  constructor(
    private readonly job: JobOfRun,
    private readonly historyFolder: string,
    private readonly acknowledgements: Pick<AcknowledgementWatch, 'seen'>,
    /** Default: nobody is told what they count. */
    private readonly gathering: Gathering | null = null,
  ) {}

  async start(name: string, id: string, observer: Observer): Promise<Member> {
    const historyPath = join(this.historyFolder, `${id}.jsonl`);
    const proxy = await this.openProxy();
    const place = proxy === null ? this.job.place : throughProxy(this.job.place, proxy);
    const { acknowledgements, gathering } = this;
    const isObserved = gathering !== null;
    const job = { ...this.job, place, name, id, isObserved, historyPath, clockOriginMs: systemClock.originMs };
    const member = new ProcessMember(job, { proxy, observer, acknowledgements, gathering });
    if (this.members.size === 0) process.once('exit', this.endWithProcess);
    this.members.add(member);
    await member.working();
    return member;
  }

  applied(count: number): void {
    for (const member of this.members) member.order({ type: 'applied', count });
  }

  disband(): void {
    process.off('exit', this.endWithProcess);
    for (const member of this.members) member.dismiss();
  }

  /**
   * Where the plan pauses a consumer, each reaches the broker through a proxy of its own, by which it can be cut off. Not
   * over the native client: the broker's answer to its lookup leads past any proxy, and the broker itself cuts off whoever
   * has not answered for two of its keep-alive intervals of 30 s (keepAliveIntervalSeconds).
   */
  private async openProxy(): Promise<TcpProxy | null> {
    const { plan, place } = this.job;
    if (!place.brokerUrl.startsWith('ws://') || !plan.faults.some(({ kind }) => kind === 'pause')) return null;
    const { hostname, port } = new URL(place.brokerUrl);
    return TcpProxy.open({ host: hostname, port: Number(port || WEB_PORT) });
  }
}

/** The admin API is not proxied: a consumer asks it before it joins, and about nothing else. */
function throughProxy(place: Place, { port }: TcpProxy): Place {
  return { ...place, adminUrl: adminUrlOf(place), brokerUrl: `ws://127.0.0.1:${port}` };
}

/** What a process has around it. */
interface Surroundings {
  /** Between it and the broker; null: nothing. */
  readonly proxy: TcpProxy | null;
  readonly observer: Observer;
  readonly acknowledgements: Pick<AcknowledgementWatch, 'seen'>;
  readonly gathering: Gathering | null;
}

/**
 * What the broker has to know before the victim dies. A crash with a certain event in hand is a story about that event: what
 * was acknowledged before it is. One that strikes whatever is in hand may take acknowledgements with it, except the one that
 * it comes after.
 */
function acknowledgedBefore(
  { encounter, acknowledged }: Extract<Question, { type: 'meet' }>,
  { when }: CrashFault,
): readonly EventRef[] {
  if (when.event !== null) return acknowledged;
  return encounter.point === 'after:ack' ? [encounter.event] : [];
}

class ProcessMember implements Member {
  readonly name: string;
  readonly id: string;
  load = { inHandCount: 0, parkedCount: 0 };
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private readonly known = new Map<string, number>();
  private hasWorked = false;
  /** running → leaving → gone, or running → dead. */
  private state: 'running' | 'leaving' | 'dead' = 'running';
  private begin: { readonly resolve: () => void; readonly reject: (thrown: unknown) => void } | null = null;

  private readonly proxy: TcpProxy | null;
  private readonly observer: Observer;
  private readonly acknowledgements: Surroundings['acknowledgements'];
  private readonly gathering: Gathering | null;

  constructor(job: ConsumerJob, { proxy, observer, acknowledgements, gathering }: Surroundings) {
    this.proxy = proxy;
    this.gathering = gathering;
    this.observer = observer;
    this.acknowledgements = acknowledgements;
    this.name = job.name;
    this.id = job.id;
    this.child = fork(PROGRAM, ['serve', 'projector'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe', 'pipe'],
      ...OUT_OF_THE_TERMINAL,
    });
    this.exited = new Promise((resolve) => this.child.once('exit', () => resolve()));
    void this.exited.then(() => this.proxy?.close());
    void this.exited.then(() => this.noteExit());
    this.child.on('message', (notice: Notice) => this.hear(notice));
    /** Not at its exit: what it said before may still be on its way then. */
    this.child.once('disconnect', () => this.gathering?.leave(this.id));
    this.listenToQuestions();
    this.order({ type: 'job', job });
  }

  working(): Promise<void> {
    return new Promise((resolve, reject) => {
      const what = `the start of consumer process ${this.id}`;
      const late = new OrderlabError('DEADLINE_EXCEEDED', { what, deadlineMs: START_DEADLINE_MS });
      const timer = setTimeout(() => this.begin?.reject(late), START_DEADLINE_MS);
      const settled =
        <T extends unknown[]>(settle: (...given: T) => void) =>
        (...given: T): void => {
          clearTimeout(timer);
          this.begin = null;
          settle(...given);
        };
      this.begin = { resolve: settled(resolve), reject: settled(reject) };
    });
  }

  order(order: Order): void {
    if (this.child.connected) this.child.send(order, () => {});
  }

  /** As whoever stops a service does. */
  askToDrain(): void {
    this.child.kill('SIGTERM');
  }

  async leave(): Promise<void> {
    this.askToDrain();
    const timer = setTimeout(() => this.end(), DRAIN_DEADLINE_MS);
    await this.exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.die();
    await this.exited;
  }

  end(): void {
    this.child.kill('SIGKILL');
  }

  /** The run is over, however it went: that it ends now is no crash, and nobody is told. */
  dismiss(): void {
    this.state = 'dead';
    this.end();
  }

  private hear(notice: Notice): void {
    switch (notice.type) {
      case 'working':
        this.hasWorked = true;
        this.begin?.resolve();
        return;
      case 'counts':
        this.load = { ...notice.load };
        this.addCounts(notice.counts);
        return;
      case 'metrics':
        this.gathering?.take(this.id, notice.numbers);
        return;
      case 'failed':
        this.fail(new OrderlabError('PROCESS_FAILED', { id: this.id, code: notice.code, problem: notice.message }));
        return;
    }
  }

  private addCounts(counts: Counts): void {
    for (const [name, count] of Object.entries(counts)) {
      const more = count - (this.known.get(name) ?? 0);
      this.known.set(name, count);
      if (more > 0) this.observer.count(name as MeterName, more);
    }
  }

  /** Who is killed before it has read an answer leaves its pipe with ECONNRESET. Its end is told by its exit. */
  private listenToQuestions(): void {
    for (const descriptor of [QUESTION_FD, ANSWER_FD]) this.pipe(descriptor).on('error', () => {});
    createInterface({ input: this.pipe(QUESTION_FD) }).on('line', (line) => this.answer(JSON.parse(line) as Question));
  }

  private answer(question: Question): void {
    if (question.type === 'leaves') {
      this.state = 'leaving';
      this.observer.leaves(this);
      this.reply('go');
      return;
    }
    this.addCounts(question.counts);
    const passage = this.observer.meet(this, question.encounter);
    if (passage.kind === 'die') {
      void this.dieKnowing(acknowledgedBefore(question, passage.fault));
      return;
    }
    if (passage.kind === 'pause') {
      void this.standStill(passage.over);
      return;
    }
    this.reply(passage.kind);
    if (passage.kind === 'wait') void passage.turn.then(() => this.order({ type: 'turn', id: question.id }));
  }

  /** Node's types stop at five descriptors; a pipe is a socket, whichever its number. */
  private pipe(descriptor: number): Socket {
    const pipes: readonly unknown[] = this.child.stdio;
    const pipe = pipes[descriptor];
    invariant(pipe instanceof Socket, 'questions and answers go over pipes');
    return pipe;
  }

  private reply(answer: ShortAnswer): void {
    this.pipe(ANSWER_FD).write(`${answer}\n`);
  }

  /**
   * Stopped in the middle of its work, and its connection is cut where a proxy can: the time-out by which a broker
   * declares a silent client dead takes 300 s over WebSocket (pulsar-semantics 7.5). It hears of the loss only after it
   * has gone on.
   */
  private async standStill(over: Promise<void>): Promise<void> {
    this.child.kill('SIGSTOP');
    this.proxy?.cutAll();
    await over;
    this.reply('go');
    this.child.kill('SIGCONT');
  }

  /** Its client has said that these are acknowledged. What the broker does not know would die with it. */
  private async dieKnowing(acknowledged: readonly EventRef[]): Promise<void> {
    try {
      for (const event of acknowledged) await this.acknowledgements.seen(event);
      this.die();
    } catch (thrown) {
      this.observer.broke(thrown);
    }
  }

  /** It stands still at its question: the crash is recorded at its exact place, and then it is killed. */
  private die(): void {
    if (this.state !== 'running') return;
    this.state = 'dead';
    this.observer.died(this);
    this.end();
  }

  /** An end that nobody asked for is a crash like any other for the history, and a failure of the run. */
  private noteExit(): void {
    if (this.state !== 'running') return;
    this.state = 'dead';
    /** Before it worked it was nobody's member: its start has failed, which was heard of if it said so. */
    if (!this.hasWorked && this.begin === null) return;
    if (this.hasWorked) this.observer.died(this);
    this.fail(new OrderlabError('PROCESS_FAILED', { id: this.id, code: 'EXIT', problem: 'it ended by itself' }));
  }

  private fail(thrown: OrderlabError): void {
    if (this.begin === null) this.observer.broke(thrown);
    else this.begin.reject(thrown);
  }
}
