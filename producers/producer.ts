/** The producer runner: events from anywhere, through the Producer port, in order per user and bounded in flight. */
import type { UserEvent } from '../shared/model/event';
import type { Clock, Meter, Producer, Recorder } from '../shared/ports';
import { type Schedule, sendOffsetMs } from './schedule';
import { sendAttempt } from './send-attempt';
import { SendWindow } from './send-window';
import { type ChainSurroundings, type SendRetry, UserChain } from './user-chain';

export interface ProducerOptions {
  /** In the order in which they are published. `intendedAt` is the workload's own time; the runner replaces it. */
  readonly events: AsyncIterable<UserEvent> | Iterable<UserEvent>;
  readonly producer: Producer;
  /** Name of the producer in the history. */
  readonly producerName: string;
  readonly topic: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly meter: Meter;
  /**
   * Events admitted and not settled, at least 1; those that wait in a stopped chain count. So an outage of one user
   * slows the others down, where it could otherwise fill the memory.
   */
  readonly sendsInFlightMax: number;
  /**
   * Of these, sends of one user that are with the broker. 1 keeps a user's order whatever the broker does; more is
   * faster and relies on how it fails (see user-chain.ts). Default: as many as sendsInFlightMax.
   */
  readonly userSendsInFlightMax?: number;
  readonly schedule: Schedule;
  /** Once `stopping`, no event is admitted and nothing is retried; what is in flight is waited for. Default: never. */
  readonly stop?: { readonly stopping: boolean };
  /** Default: SEND_RETRY. */
  readonly retry?: SendRetry;
  /** The events say themselves when they were meant to be sent: their bytes are sent as they are. Default: false. */
  readonly keepsIntendedAt?: boolean;
  /** Default: nobody. */
  readonly watcher?: SendWatcher;
}

/** How a send ended; see ProducerResult. */
export type SendOutcome = 'stored' | 'failed' | 'unknown';

/** Told of every event, synchronously: it counts and returns. */
export interface SendWatcher {
  /** It is admitted, and goes to the broker as soon as the chain of its user lets it. */
  sent(event: UserEvent): void;
  settled(event: UserEvent, outcome: SendOutcome): void;
}

/** What became of the events that were admitted: each is counted once. */
export interface ProducerResult {
  /** Stored, as the broker said. */
  readonly published: number;
  /** Not stored: every attempt failed for certain, or the user's chain had been abandoned before. */
  readonly failed: number;
  /** Given up after an attempt with an unknown outcome: only the log can tell. */
  readonly unknown: number;
}

/** Retries start after 10 ms and give up when a user's chain has stored nothing for 30 s, Pulsar's own send time-out. */
export const SEND_RETRY: SendRetry = { backoffMsMin: 10, backoffMsMax: 1_000, deadlineMs: 30_000 };

/** The longest that a stop waits for a pause between two scheduled sends, in milliseconds. */
const STOP_NOTICED_MS = 100;

const NEVER = { stopping: false };

/**
 * Publishes all events and resolves when each is settled. A failed send is an outcome, not an exception: the promise
 * rejects only with what reading `events` threw, after everything in flight is settled, with what the recorder
 * threw, or with a broken invariant.
 */
export async function runProducer(options: ProducerOptions): Promise<ProducerResult> {
  const { clock, schedule, stop = NEVER } = options;
  const sends = new Sends(options);
  const startMs = clock.nowMs();
  let firstAt: number | null = null;
  try {
    for await (const event of options.events) {
      firstAt ??= event.intendedAt;
      const offsetMs = sendOffsetMs(schedule, sends.admittedCount, event.intendedAt - firstAt);
      if (offsetMs !== null) await sleepUntil(startMs + offsetMs, clock, stop);
      await sends.window.whenRoom();
      if (stop.stopping) break;
      const intendedAt = offsetMs === null ? clock.nowMs() : startMs + offsetMs;
      sends.admit(options.keepsIntendedAt === true ? event : { ...event, intendedAt });
    }
  } finally {
    await sends.window.whenEmpty();
  }
  return sends.result;
}

async function sleepUntil(timeMs: number, clock: Clock, stop: { readonly stopping: boolean }): Promise<void> {
  for (let leftMs = timeMs - clock.nowMs(); leftMs > 0 && !stop.stopping; leftMs = timeMs - clock.nowMs()) {
    await clock.sleep(Math.min(leftMs, STOP_NOTICED_MS));
  }
}

/** All chains of one run, and the sums. */
class Sends {
  readonly window: SendWindow;
  readonly result = { published: 0, failed: 0, unknown: 0 };
  admittedCount = 0;
  readonly #chains = new Map<string, UserChain>();
  readonly #openChain: () => UserChain;
  readonly #watcher: SendWatcher | null;

  constructor(options: ProducerOptions) {
    const { clock, meter, sendsInFlightMax, watcher, stop = NEVER } = options;
    this.#watcher = watcher ?? null;
    this.window = new SendWindow(sendsInFlightMax);
    const surroundings: ChainSurroundings = {
      clock,
      retry: options.retry ?? SEND_RETRY,
      userSendsInFlightMax: options.userSendsInFlightMax ?? sendsInFlightMax,
      attempt: sendAttempt(options),
      isStopping: () => stop.stopping,
      settle: (send, isStored) => {
        const outcome = isStored ? 'stored' : send.mayBeStored ? 'unknown' : 'failed';
        if (isStored) meter.count('published');
        this.result[outcome === 'stored' ? 'published' : outcome] += 1;
        watcher?.settled(send.event, outcome);
        this.window.release();
      },
      fail: (thrown) => this.window.fail(thrown),
    };
    this.#openChain = () => new UserChain(surroundings);
  }

  admit(event: UserEvent): void {
    this.window.take();
    const chain = this.#chains.get(event.user) ?? this.#openChain();
    this.#chains.set(event.user, chain);
    const send = { event, admission: this.admittedCount, mayBeStored: false };
    this.admittedCount += 1;
    this.#watcher?.sent(event);
    chain.add(send);
  }
}
