/**
 * The timer of a consuming client that gives back what its application does not acknowledge (pulsar-semantics 4.3). It
 * counts from the hand-over to the application, in ticks: a message comes again between the time-out and one tick later.
 * The handler is not interrupted, so it may work beside the redelivered copy. Source: UnAckedMessageTracker.
 */

export interface AckTimeout {
  /** Milliseconds; 0: off. */
  readonly timeoutMs: number;
  readonly tickMs: number;
  /** When the client was opened: ticks are counted from here. */
  readonly openedAtMs: number;
  /** Partition and position of what the application holds → when it is given back. */
  readonly dueMsByPlace: Map<string, DueMessage>;
}

interface DueMessage {
  readonly partition: number;
  readonly position: number;
  readonly dueMs: number;
}

export function createAckTimeout(timeoutMs: number, tickMs: number, openedAtMs: number): AckTimeout {
  return { timeoutMs, tickMs, openedAtMs, dueMsByPlace: new Map() };
}

/** The application got a message. Returns when it will be given back; null: never. */
export function trackMessage(state: AckTimeout, partition: number, position: number, nowMs: number): number | null {
  const { timeoutMs, tickMs, openedAtMs, dueMsByPlace } = state;
  if (timeoutMs === 0) return null;
  const ticksUntilNow = Math.floor((nowMs - openedAtMs) / tickMs);
  const dueMs = openedAtMs + (ticksUntilNow + 1 + Math.ceil(timeoutMs / tickMs)) * tickMs;
  dueMsByPlace.set(placeOf(partition, position), { partition, position, dueMs });
  return dueMs;
}

/** It was acknowledged, or given back already. */
export function untrackMessage(state: AckTimeout, partition: number, position: number): void {
  state.dueMsByPlace.delete(placeOf(partition, position));
}

/** Everything up to the position was acknowledged at once. */
export function untrackUpTo(state: AckTimeout, partition: number, position: number): void {
  for (const [place, message] of state.dueMsByPlace) {
    if (message.partition === partition && message.position <= position) state.dueMsByPlace.delete(place);
  }
}

/** Takes out the positions of a partition whose time is up. */
export function takeOverdue(state: AckTimeout, partition: number, nowMs: number): number[] {
  const overdue = [...state.dueMsByPlace].filter(([, each]) => each.partition === partition && each.dueMs <= nowMs);
  for (const [place] of overdue) state.dueMsByPlace.delete(place);
  return overdue.map(([, { position }]) => position);
}

function placeOf(partition: number, position: number): string {
  return `${position}:${partition}`;
}
