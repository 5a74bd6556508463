/** Reads of the read model: as it is, or as of a version that the caller has seen elsewhere. */
import { OrderlabError } from '../shared/errors';
import type { StateBody } from '../shared/model/history';
import type { Clock } from '../shared/ports';
import type { QueryPort, ReadModel } from '../shared/write-ports';

/** How long a read waits for its version. A projector is behind by milliseconds; more is an outage that callers must hear of. */
export const READ_DEADLINE_MS = 2_000;
const READ_POLL_MS = 5;

export function openReader(model: ReadModel, clock: Clock): QueryPort {
  return {
    async read(user, atLeast, waitMs = READ_DEADLINE_MS) {
      const endMs = clock.nowMs() + waitMs;
      for (;;) {
        const state: StateBody | null = await model.stateOf(user);
        const version = state?.version ?? 0;
        if (atLeast === null || version >= atLeast) return state;
        if (clock.nowMs() >= endMs) {
          throw new OrderlabError('READ_BEHIND', { user, version: atLeast, deadlineMs: waitMs });
        }
        await clock.sleep(READ_POLL_MS);
      }
    },
  };
}
