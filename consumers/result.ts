/** Results: what derived-topic mode publishes for an event. A stand-in for a team's own transformation. */
import type { UserEvent } from '../shared/model/event';

/**
 * The result of an event keeps its user and sequence, so that the result topic can be judged (X21), and takes an id of
 * its own that is the same on every delivery: a repeated result is recognisable.
 */
export function resultOf(event: UserEvent): UserEvent {
  return { ...event, id: `${event.id}.result` };
}
