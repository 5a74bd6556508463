/** How a promise ended, as a value, so that a test may wait for several that fail. */
import { OrderlabError } from '../../shared/errors';

/** The code of the OrderlabError that it rejects with, or what it resolves with. */
export async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof OrderlabError) return `${thrown.code}: ${thrown.outcome}`;
    throw thrown;
  }
}
