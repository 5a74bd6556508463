/** Faults of the kit: what a test asks for. When each strikes, and whom, is drawn from the run's seed. */

import { OrderlabError } from '../../shared/errors';

/** The steps of a consumer between which it can be struck: a message reaches it, it writes to a server, it acknowledges. */
export type StepName = 'receive' | 'write' | 'ack';

interface Interruption {
  /** The step that it does not take any more, or takes too late; null: drawn. */
  readonly at: StepName | null;
  /** Which of these steps of the run it is, from 1, whoever takes it; null: drawn. */
  readonly nth: number | null;
  /** What happens in the world before anybody notices: keys expire, for example. */
  readonly meanwhile: (() => Promise<unknown>) | null;
}

export type FaultRequest =
  /** A consumer dies and is started again. */
  | (Interruption & { readonly kind: 'kill' })
  /** A consumer stands still for so long that its messages go to others; then it goes on where it was. */
  | (Interruption & { readonly kind: 'pause' })
  | { readonly kind: 'join' }
  | { readonly kind: 'leave' }
  /** This share of the acknowledgements, 0..1, never arrives: the messages come again. */
  | { readonly kind: 'redeliver'; readonly share: number }
  /** So many messages in a row come back to the broker unseen, as if they had been negatively acknowledged. */
  | { readonly kind: 'nack-storm'; readonly count: number }
  /** One consumer gets each message this much later, in milliseconds. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Every connection ends and begins again; what was unacknowledged comes again. */
  | { readonly kind: 'broker-restart' };

export interface InterruptionOptions {
  /** Default: drawn from the seed. */
  readonly at?: StepName;
  /**
   * Strikes at the nth such step of the run, counted from 1 over all consumers; without `at`, at the nth step of any name.
   * Writes count from when everything is published. Default: drawn from the seed.
   */
  readonly nth?: number;
  /** Default: nothing. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** One consumer is killed between two of its steps: nothing of it that reaches Pulsar or a server runs on. */
export function killOne(options: InterruptionOptions = {}): FaultRequest {
  return { kind: 'kill', ...interruption(options) };
}

/** One consumer stands still past every time-out, as in a long garbage collection, and then works on as if it had not. */
export function pauseOne(options: InterruptionOptions = {}): FaultRequest {
  return { kind: 'pause', ...interruption(options) };
}

/** One more consumer joins while the others work. */
export function joinOne(): FaultRequest {
  return { kind: 'join' };
}

/** One consumer finishes what it has in hand and leaves. */
export function leaveOne(): FaultRequest {
  return { kind: 'leave' };
}

/** `share` of the messages, 0..1, come again although they were worked off: their acknowledgements were lost. */
export function redeliver(share: number): FaultRequest {
  return { kind: 'redeliver', share };
}

/** `count` messages in a row come back to the broker before the consumer sees them; later ones of a key overtake. */
export function nackStorm(count = 10): FaultRequest {
  return { kind: 'nack-storm', count };
}

/** One consumer is slower than the others, by `delayMs` a message. */
export function slowConsumer(delayMs = 2): FaultRequest {
  return { kind: 'slow', delayMs };
}

/** The broker restarts: everybody reconnects. */
export function brokerRestart(): FaultRequest {
  return { kind: 'broker-restart' };
}

function interruption({ at, nth, meanwhile }: InterruptionOptions) {
  if (nth !== undefined && !(Number.isSafeInteger(nth) && nth >= 1)) {
    throw new OrderlabError('USAGE', { problem: `nth is a whole number from 1, got ${nth}` });
  }
  return { at: at ?? null, nth: nth ?? null, meanwhile: meanwhile ?? null };
}
