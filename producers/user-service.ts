/**
 * The user service: one instance of the writer that may be scaled. It decides on what it knows and appends under a guard;
 * what it knows may be old, so a decision counts only once the store has accepted it.
 *
 * Nothing is locked and nobody is elected: any number of instances may serve one user, and of those that decide on the
 * same version one wins.
 */
import { OrderlabError } from '../shared/errors';
import type { AppendAnswer, RequestRecord } from '../shared/model/append';
import type { AppendAuthority } from '../shared/model/authority';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import { SCHEMA_VERSION, type UserEvent } from '../shared/model/event';
import { unreachable } from '../shared/model/invariant';
import type { WriterPoint, WriterSettings } from '../shared/model/write-side';
import type { Clock, Ids, Random } from '../shared/ports';
import type { EventStore } from '../shared/write-ports';
import { AggregateCache } from './aggregate-cache';
import { canonicalCommand } from './canonical-command';
import { decide, type Fact } from './decide';

export interface UserServiceOptions {
  /** Names the instance in the history. */
  readonly writer: string;
  readonly settings: WriterSettings;
  readonly store: EventStore;
  readonly clock: Clock;
  /** Spreads the retries of writers that met. */
  readonly random: Random;
  readonly ids: Ids;
  /** Hides a text behind a fixed length: what a request said is compared, and not kept. */
  readonly fingerprint: (text: string) => string;
  /** Where the instance meets its fate, with the command that it works on; the dead get no answer. */
  readonly reached: (point: WriterPoint, commandId: string) => Promise<void>;
  /** Stores the event in the topic; only called where the plan writes to store and topic one after the other. */
  readonly publish: (event: UserEvent) => Promise<void>;
}

/** Decisions on one command, each on a newer version, before it is refused as CONTENDED. */
export const DECISION_COUNT_MAX = 64;
/** Calls for one append whose outcome stays unknown. */
const APPEND_CALL_COUNT_MAX = 4;
/** Pauses between these, and the most that a writer waits for those that it met, in milliseconds. */
const UNKNOWN_PAUSE_MS = 20;
const MEETING_PAUSE_MS_MAX = 8;

export class UserService {
  readonly #options: UserServiceOptions;
  readonly #cache: AggregateCache;

  constructor(options: UserServiceOptions) {
    this.#options = options;
    this.#cache = new AggregateCache(options.store);
  }

  /**
   * Resolves when the command's event is committed. Rejects with USER_EXISTS, EMAIL_TAKEN, USER_NOT_FOUND, USER_DELETED,
   * VERSION_MISMATCH, REQUEST_KEY_REUSED, OUTBOX_FULL, STALE_EPOCH or CONTENDED when nothing was, and with an unknown outcome when the
   * store did not answer: the same request again, at any instance, then finds out. `authority`: for which shard the instance acts.
   */
  async handle(request: CommandRequest, authority?: AppendAuthority): Promise<CommandReceipt> {
    const { user } = request.command;
    for (let decisions = 1; decisions <= DECISION_COUNT_MAX; decisions += 1) {
      const receipt = await this.#attempt(request, authority);
      if (receipt !== null) return receipt;
      await this.#options.clock.sleep(this.#options.random.below(MEETING_PAUSE_MS_MAX));
    }
    throw new OrderlabError('CONTENDED', { user, attempts: DECISION_COUNT_MAX });
  }

  /** Null: others appended in between; what is known is newer now. */
  async #attempt(request: CommandRequest, authority?: AppendAuthority): Promise<CommandReceipt | null> {
    const { command, expectedVersion } = request;
    const { settings } = this.#options;
    /** Where the store does not check what the decision was based on, nobody would notice that it is old. */
    const known = settings.guard === 'expected' ? this.#cache.known(command.user) : null;
    const user = known ?? (await this.#cache.refreshed(command.user));
    const decision = decide(command, user, settings.absorbsSameMeaning);
    const isExpected = expectedVersion === null || expectedVersion === user.version;
    if (decision.kind === 'fact' && isExpected) return this.#append(request, decision.fact, user.version, authority);
    /** No refusal on old knowledge. */
    if (known !== null && (await this.#cache.refreshed(command.user)).version !== known.version) return null;
    const accepted = await this.#acceptedBefore(request);
    if (accepted !== null) return accepted;
    if (!isExpected) throw this.#mismatch(command.user, user.version);
    switch (decision.kind) {
      case 'already':
        return { user: command.user, eventId: decision.eventId, sequence: decision.sequence, replayed: true };
      case 'refused':
        throw new OrderlabError(decision.code, { user: command.user, winner: user.createdBy });
      default:
        return null;
    }
  }

  async #append(
    request: CommandRequest,
    fact: Fact,
    readVersion: number,
    authority: AppendAuthority | undefined,
  ): Promise<CommandReceipt | null> {
    const { clock, ids, settings, store, writer, reached } = this.#options;
    const { user } = request.command;
    const place = {
      user,
      sequence: readVersion + 1,
      intendedAt: clock.nowMs(),
      schemaVersion: SCHEMA_VERSION,
    } as const;
    const event: UserEvent = { id: ids.next(), ...fact, ...place };
    if (settings.deliberationMs > 0) await clock.sleep(settings.deliberationMs);
    await reached('before:append', request.commandId);
    if (settings.publishing === 'publish-then-store') await this.#publish(event, request.commandId);
    const answer = await this.#untilKnown(() =>
      store.append({
        ...{ event, readVersion, guard: settings.guard, uniqueEmail: settings.uniqueEmails, writer },
        ...{ request: this.#recordOf(request), commandId: request.commandId },
        ...(authority === undefined ? {} : { authority }),
      }),
    );
    await reached('after:append', request.commandId);
    if (answer.outcome === 'appended' && settings.publishing === 'store-then-publish')
      await this.#publish({ ...event, sequence: answer.sequence }, request.commandId);
    return this.#receiptOf(request, event, answer);
  }

  #receiptOf(
    request: CommandRequest,
    event: UserEvent,
    answer: AppendAnswer,
  ): Promise<CommandReceipt | null> | CommandReceipt {
    const { user, expectedVersion } = { ...request, ...request.command };
    switch (answer.outcome) {
      case 'appended': {
        const { sequence } = answer;
        this.#cache.learn({ ...event, sequence });
        return { user, eventId: event.id, sequence, replayed: false };
      }
      case 'replayed':
        return { user, eventId: answer.eventId, sequence: answer.sequence, replayed: true };
      case 'version-conflict':
        return this.#met(request, expectedVersion);
      case 'request-reused':
        throw new OrderlabError('REQUEST_KEY_REUSED', {});
      case 'email-taken':
        throw new OrderlabError('EMAIL_TAKEN', { winner: answer.by });
      case 'unseeded':
        throw new OrderlabError('STORE_UNSEEDED', {});
      case 'stale-epoch':
        throw new OrderlabError('STALE_EPOCH', { user });
      case 'outbox-full':
        throw new OrderlabError('OUTBOX_FULL', {});
      default:
        return unreachable(answer, 'answer of an append');
    }
  }

  /** The instance learns what it missed; only who did not say which version was meant decides again. */
  async #met(request: CommandRequest, expectedVersion: number | null): Promise<CommandReceipt | null> {
    const { user } = request.command;
    const { version } = await this.#cache.refreshed(user);
    if (expectedVersion === null) return null;
    const accepted = await this.#acceptedBefore(request);
    if (accepted !== null) return accepted;
    throw this.#mismatch(user, version);
  }

  /**
   * A request that was accepted looks refusable ever after: the user exists, the version moved. So before a refusal the
   * record is looked up, and it is read after the stream was, or an acceptance could slip in between.
   */
  async #acceptedBefore(request: CommandRequest): Promise<CommandReceipt | null> {
    const record = this.#recordOf(request);
    const accepted = record === null ? null : await this.#options.store.requestOf(record.key);
    if (accepted === null) return null;
    if (accepted.fingerprint !== record?.fingerprint) throw new OrderlabError('REQUEST_KEY_REUSED', {});
    const { eventId, sequence } = accepted;
    return { user: request.command.user, eventId, sequence, replayed: true };
  }

  #recordOf({ requestKey, command, expectedVersion }: CommandRequest): RequestRecord | null {
    const { settings, fingerprint } = this.#options;
    if (requestKey === null || !settings.recordsRequests) return null;
    const text = canonicalCommand(command, expectedVersion);
    return { key: requestKey, fingerprint: fingerprint(text), ttlMs: settings.requestTtlMs };
  }

  async #publish(event: UserEvent, commandId: string): Promise<void> {
    await this.#options.reached('before:publish', commandId);
    await this.#options.publish(event);
    await this.#options.reached('after:publish', commandId);
  }

  /** The very same append: if an earlier call took effect, this one finds the event there. */
  async #untilKnown(call: () => Promise<AppendAnswer>): Promise<AppendAnswer> {
    for (let calls = 1; ; calls += 1) {
      try {
        return await call();
      } catch (thrown) {
        const mayHaveHappened = thrown instanceof OrderlabError && thrown.outcome === 'unknown';
        if (!mayHaveHappened || calls >= APPEND_CALL_COUNT_MAX) throw thrown;
        await this.#options.clock.sleep(UNKNOWN_PAUSE_MS * calls);
      }
    }
  }

  #mismatch(user: string, version: number): OrderlabError {
    return new OrderlabError('VERSION_MISMATCH', { user, version });
  }
}
