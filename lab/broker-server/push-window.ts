/**
 * Push window: when Pulsar's WebSocket service asks its own client for one more message. One counter for both modes: in
 * push mode it counts pushes that were not answered, in pull mode permits are counted below zero. Counterexample to a
 * simpler rule: a message acknowledged twice opens two slots, and a permit of 0 still pushes one (both measured on
 * 4.2.4). Source: ConsumerHandler.
 */

export interface PushWindow {
  readonly isPull: boolean;
  /** 0 in pull mode. */
  readonly pendingMax: number;
  pending: number;
}

/** Of a queue of 0 one message is pushed at a time. */
export function createPushWindow(isPull: boolean, receiverQueueSize: number): PushWindow {
  return { isPull, pendingMax: isPull ? 0 : Math.max(receiverQueueSize, 1), pending: 0 };
}

/** Whether the next message is asked for after one was pushed. */
export function notePush(window: PushWindow): boolean {
  window.pending += 1;
  return window.pending < window.pendingMax;
}

/** Whether a positive or negative acknowledgement, of whatever, lets the next message be asked for. */
export function noteAnswer(window: PushWindow): boolean {
  if (window.isPull) return false;
  window.pending -= 1;
  return window.pending + 1 >= window.pendingMax;
}

/** Whether a permit lets a message be asked for. In push mode it is ignored. */
export function notePermit(window: PushWindow, count: number): boolean {
  if (!window.isPull) return false;
  window.pending -= count;
  return window.pending + count >= 0;
}
