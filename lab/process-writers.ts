/** Writers of a run, each in a process of its own, asked over HTTP as their clients would. */
import { type ChildProcess, fork } from 'node:child_process';
import { OrderlabError } from '../shared/errors';
import type { CommandPort } from '../shared/write-ports';
import { openHttpWriter } from './api/http-writer';
import { OUT_OF_THE_TERMINAL, PROGRAM, START_DEADLINE_MS } from './process-crew';
import type { WriterJob, WriterNotice } from './writer-job';

export class ProcessWriters {
  private readonly children: ChildProcess[] = [];

  /** Resolves when the instance listens. `onDeath` is told when the plan ends it. */
  async start(job: WriterJob, onDeath: () => void): Promise<CommandPort> {
    const child = fork(PROGRAM, ['serve', 'command-api'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      ...OUT_OF_THE_TERMINAL,
    });
    this.children.push(child);
    const listening = new Promise<string>((resolve, reject) => {
      child.on('message', (notice: WriterNotice) => {
        if (notice.type === 'listening') resolve(notice.url);
        else if (notice.type === 'dies') onDeath();
        else reject(this.failure(job, notice.code, notice.message));
      });
      child.once('exit', () => reject(this.failure(job, 'EXIT', 'it ended by itself')));
      setTimeout(
        () => reject(this.failure(job, 'LATE', `not within ${START_DEADLINE_MS} ms`)),
        START_DEADLINE_MS,
      ).unref();
    });
    child.send(job);
    return openHttpWriter(job.writer, await listening, null);
  }

  /** Nothing of them outlives the run. */
  end(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }

  private failure({ writer: id }: WriterJob, code: string, problem: string): OrderlabError {
    return new OrderlabError('PROCESS_FAILED', { id, code, problem });
  }
}
