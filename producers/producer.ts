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
  /**
   * Events at hand that are due are sent in one turn, so that a load measures the system and not the generator. Default: a
   * turn for each, in which an earlier failure of its user is heard first.
   */
  readonly sendsDueAtOnce?: boolean;
  /** Default: nobody. */
  readonly watcher?: SendWatcher;
  /**
   * The sequenceId of each event's message. Events then form one chain, and not one a user: a broker that deduplicates drops
   * what comes behind a higher number, and reports it as stored. Default: the client counts, and each user has a chain.
   */
  readonly sequenceIdOf?: (event: UserEvent) => number;
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

/** No user is called so. */
const ONE_CHAIN = '';

/**
 * Publishes all events and resolves when each is settled. A failed send is an outcome, not an exception: the promise
 * rejects only with what reading `events` threw, after everything in flight is settled, with what the recorder
 * threw, or with a broken invariant.
 */
export async function runProducer(options: ProducerOptions): Promise<ProducerResult> {
  const { events } = options;
  const sends = new Sends(options);
  try {
    if (options.sendsDueAtOnce === true && Symbol.iterator in events) await sendDue(events, sends, options);
    else await sendInTurns(events, sends, options);
  } finally {
    await sends.window.whenEmpty();
  }
  return sends.result;
}

async function sendInTurns(events: ProducerOptions['events'], sends: Sends, options: ProducerOptions): Promise<void> {
  const { clock, stop = NEVER } = options;
  const dueAt = dueTimes(options);
  for await (const event of events) {
    const dueMs = dueAt(event);
    if (dueMs !== null) await sleepUntil(dueMs, clock, stop);
    await sends.window.whenRoom();
    if (stop.stopping) return;
    sends.admit(event, dueMs ?? clock.nowMs());
  }
}

async function sendDue(events: Iterable<UserEvent>, sends: Sends, options: ProducerOptions): Promise<void> {
  const { clock, stop = NEVER } = options;
  const dueAt = dueTimes(options);
  for (const event of events) {
    const dueMs = dueAt(event);
    if (dueMs !== null && dueMs > clock.nowMs()) await sleepUntil(dueMs, clock, stop);
    if (!sends.window.hasRoom) await sends.window.whenRoom();
    if (stop.stopping) return;
    sends.admit(event, dueMs ?? clock.nowMs());
  }
}

/** When each event is meant to be sent, one after the other; null: as soon as there is room. */
function dueTimes({ clock, schedule }: ProducerOptions): (event: UserEvent) => number | null {
  const startMs = clock.nowMs();
  let firstAt: number | null = null;
  let index = 0;
  return ({ intendedAt }) => {
    firstAt ??= intendedAt;
    const offsetMs = sendOffsetMs(schedule, index, intendedAt - firstAt);
    index += 1;
    return offsetMs === null ? null : startMs + offsetMs;
  };
}

/** Field by field, so that all events have one shape, on which everything after it is fast; type and data go together. */
function meantAt({ id, user, type, data, sequence, schemaVersion }: UserEvent, intendedAt: number): UserEvent {
  return { id, user, type, data, sequence, intendedAt, schemaVersion } as UserEvent;
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
  #admittedCount = 0;
  readonly #chains = new Map<string, UserChain>();
  readonly #openChain: () => UserChain;
  readonly #watcher: SendWatcher | null;
  readonly #keepsIntendedAt: boolean;
  readonly #sequenceIdOf: ProducerOptions['sequenceIdOf'];

  constructor(options: ProducerOptions) {
    this.#keepsIntendedAt = options.keepsIntendedAt === true;
    this.#sequenceIdOf = options.sequenceIdOf;
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

  /** `dueMs`: what becomes its intended time, unless the events keep theirs. */
  admit(given: UserEvent, dueMs: number): void {
    const event = this.#keepsIntendedAt ? given : meantAt(given, dueMs);
    this.window.take();
    const chainName = this.#sequenceIdOf === undefined ? event.user : ONE_CHAIN;
    const chain = this.#chains.get(chainName) ?? this.#openChain();
    this.#chains.set(chainName, chain);
    const numbered = this.#sequenceIdOf === undefined ? {} : { sequenceId: this.#sequenceIdOf(event) };
    const send = { event, admission: this.#admittedCount, mayBeStored: false, ...numbered };
    this.#admittedCount += 1;
    this.#watcher?.sent(event);
    chain.add(send);
  }
}
