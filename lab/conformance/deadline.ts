/** Deadline: what does not end in time ends with a sentence. */
import { OrderlabError } from '../../shared/errors';

export interface Deadline {
  readonly ms: number;
  /** Whether the process stays alive for it. */
  readonly holds: boolean;
}

/** Settles as `work` does, or rejects with DEADLINE_EXCEEDED. */
export async function deadline<T>(what: string, { ms: deadlineMs, holds }: Deadline, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OrderlabError('DEADLINE_EXCEEDED', { what, deadlineMs })), deadlineMs);
    if (!holds) timer.unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
