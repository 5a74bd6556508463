/** Writers of a run, each in a process of its own, asked over HTTP as their clients would. */
import { type ChildProcess, fork } from 'node:child_process';
import { OrderlabError } from '../shared/errors';
import type { CommandPort } from '../shared/write-ports';
import { openHttpWriter } from './api/http-writer';
import { DRAIN_DEADLINE_MS } from './consumer-settings';
import type { Handler } from './handler-crew';
import { OUT_OF_THE_TERMINAL, PROGRAM, START_DEADLINE_MS } from './process-crew';
import type { HandlerOrder, StandingOrder, WriterJob, WriterNotice } from './writer-job';

export class ProcessWriters {
  private readonly children: ChildProcess[] = [];
  /** Whoever ends the command at once leaves nobody behind, not even one that stands still and hears of nothing. */
  private readonly endWithProcess = (): void => this.end();

  /** Resolves when the instance listens. `onDeath` is told when the plan ends it; where the plan stops it, it goes on when `stand` resolves. */
  async start(job: WriterJob, onDeath: () => void, stand: (commandId: string) => Promise<void>): Promise<CommandPort> {
    const child = this.launch(job, onDeath);
    child.on('message', (notice: WriterNotice) => {
      if (notice.type === 'stands') void this.hold(child, notice.commandId, stand);
    });
    const { url } = await this.said(child, job, 'listening');
    return openHttpWriter(job.writer, url, null);
  }

  /** Resolves when the handler waits for its order to join. `onBroken` is told when it ends and nobody had asked it to. */
  async startHandler(job: WriterJob, onDeath: (user: string | null) => void, onBroken: Broken): Promise<Handler> {
    const child = this.launch(job, onDeath);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await this.said(child, job, 'ready');
    let isToEnd = false;
    child.on('message', ({ type }: WriterNotice) => {
      if (type === 'dies') isToEnd = true;
    });
    void exited.then(() => {
      if (!isToEnd) onBroken(this.failure(job, 'EXIT', 'it ended by itself'));
    });
    const order = (given: HandlerOrder): void => {
      if (child.connected) child.send(given, () => {});
    };
    return {
      join: async () => {
        const joined = this.said(child, job, 'joined');
        order({ type: 'join' });
        await joined;
      },
      leave: async () => {
        isToEnd = true;
        order({ type: 'leave' });
        const timer = setTimeout(() => child.kill('SIGKILL'), DRAIN_DEADLINE_MS);
        await exited;
        clearTimeout(timer);
      },
    };
  }

  /** The plan ends it, and that is on record before anybody can notice. */
  private launch(job: WriterJob, onDeath: (user: string | null) => void): ChildProcess {
    const child = fork(PROGRAM, ['serve', 'command-api'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      ...OUT_OF_THE_TERMINAL,
    });
    if (this.children.length === 0) process.once('exit', this.endWithProcess);
    this.children.push(child);
    child.on('message', (notice: WriterNotice) => {
      if (notice.type !== 'dies') return;
      onDeath(notice.user);
      child.kill('SIGKILL');
    });
    child.send(job);
    return child;
  }

  /** It waits for the order, which it cannot read before it may run again. */
  private async hold(
    child: ChildProcess,
    commandId: string,
    stand: (commandId: string) => Promise<void>,
  ): Promise<void> {
    child.kill('SIGSTOP');
    try {
      await stand(commandId);
    } finally {
      const order: StandingOrder = { type: 'go-on', commandId };
      if (child.connected) child.send(order, () => {});
      child.kill('SIGCONT');
    }
  }

  /** Rejects with PROCESS_FAILED when the process fails, ends or says nothing. */
  private said<Type extends WriterNotice['type']>(
    child: ChildProcess,
    job: WriterJob,
    type: Type,
  ): Promise<Said<Type>> {
    return new Promise((resolve, reject) => {
      const late = () => reject(this.failure(job, 'LATE', `not within ${START_DEADLINE_MS} ms`));
      setTimeout(late, START_DEADLINE_MS).unref();
      child.on('message', (notice: WriterNotice) => {
        if (isOf(notice, type)) resolve(notice);
        else if (notice.type === 'failed') reject(this.failure(job, notice.code, notice.message));
      });
      child.once('exit', () => reject(this.failure(job, 'EXIT', 'it ended by itself')));
    });
  }

  /** Nothing of them outlives the run. */
  end(): void {
    process.off('exit', this.endWithProcess);
    for (const child of this.children) child.kill('SIGKILL');
  }

  private failure({ writer: id }: WriterJob, code: string, problem: string): OrderlabError {
    return new OrderlabError('PROCESS_FAILED', { id, code, problem });
  }
}

type Broken = (thrown: unknown) => void;
type Said<Type> = Extract<WriterNotice, { readonly type: Type }>;

function isOf<Type extends WriterNotice['type']>(notice: WriterNotice, type: Type): notice is Said<Type> {
  return notice.type === type;
}
