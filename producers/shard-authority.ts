/**
 * The authority of an instance: of the users of its shards it alone decides, one command of a user after the other.
 *
 * Two things are kept apart. Who should act is a question of time: a hold that runs out when its owner is not heard of. Who
 * may act is none: the store grants an epoch, and refuses what comes with an older one. So a hold that runs out too early
 * costs a handover, and nothing else, and an owner that stood still may wake up whenever it likes.
 */
import { isAboutCommand, OrderlabError } from '../shared/errors';
import type { AppendAuthority } from '../shared/model/authority';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { AuthoritySettings } from '../shared/model/write-side';
import type { Clock } from '../shared/ports';
import type { EventStore } from '../shared/write-ports';
import { shardOf } from './shard';

export interface ShardAuthorityOptions {
  /** This life of the instance: the owner that epochs are granted to. */
  readonly writer: string;
  readonly settings: AuthoritySettings;
  readonly store: Pick<EventStore, 'hold' | 'grantEpoch' | 'ownerOf'>;
  readonly clock: Clock;
  /** Decides and appends; what it knows of the user was read after the epoch was granted. */
  readonly execute: (request: CommandRequest, authority: AppendAuthority) => Promise<CommandReceipt>;
  /** Asks the owner; only called where the settings say so. Default: nobody knows where owners are. */
  readonly forward?: Forward | undefined;
}

/** `owner`: as it was granted the shard. Rejects as CommandPort.submit. */
export type Forward = (owner: string, request: CommandRequest) => Promise<CommandReceipt>;

/** Somebody holds the shard and was not granted it yet: who that is will be known at the next question. */
const UNKNOWN_OWNER = '?';

/** A shard that this instance believes is its own. */
interface Owned {
  readonly epoch: number;
  /** When the hold was last asked for; it runs out `holdMs` later at the earliest. */
  readonly heldAtMs: number;
}

export class ShardAuthority {
  readonly #options: ShardAuthorityOptions;
  readonly #owned = new Map<string, Owned>();
  /** By shard: the question that is under way. */
  readonly #claims = new Map<string, Promise<Owned | null>>();
  /** By user: the command that was let in last. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: ShardAuthorityOptions) {
    this.#options = options;
  }

  /** As UserService.handle; rejects with NOT_OWNER where another instance acts for the user, and STALE_EPOCH where one does since. */
  async handle(request: CommandRequest): Promise<CommandReceipt> {
    const { user } = request.command;
    const before = this.#turns.get(user) ?? Promise.resolve();
    const turn = before.then(() => this.#act(request));
    const settled = turn.catch(() => {});
    this.#turns.set(user, settled);
    try {
      return await turn;
    } catch (thrown) {
      return await this.#forwarded(request, thrown);
    } finally {
      if (this.#turns.get(user) === settled) this.#turns.delete(user);
    }
  }

  /** Outside the turn of its user: whoever waits for the answer of another instance keeps nobody here waiting. */
  #forwarded(request: CommandRequest, thrown: unknown): Promise<CommandReceipt> {
    const { settings, forward } = this.#options;
    const owner = thrown instanceof OrderlabError && thrown.code === 'NOT_OWNER' ? thrown.details.owner : undefined;
    const mayForward = settings.forwards && forward !== undefined && request.isForwarded !== true;
    if (!mayForward || typeof owner !== 'string' || owner === UNKNOWN_OWNER) throw thrown;
    return forward(owner, { ...request, isForwarded: true });
  }

  async #act(request: CommandRequest): Promise<CommandReceipt> {
    const { settings, execute, store } = this.#options;
    const { user } = request.command;
    const shard = shardOf(user, settings.shardCount);
    /** Before anything of the user is read: what is read then is what owners before this epoch have left, and will never change. */
    const owned = await this.#held(shard);
    if (owned === null)
      throw new OrderlabError('NOT_OWNER', { user, owner: (await store.ownerOf(shard))?.owner ?? UNKNOWN_OWNER });
    try {
      return await execute(request, { shard, epoch: owned.epoch, isChecked: settings.checksEpoch });
    } catch (thrown) {
      const isRefusal = thrown instanceof OrderlabError && isAboutCommand(thrown.code);
      if (isRefusal && (await this.#isOwner(shard, owned))) throw thrown;
      const isStale = isRefusal || (thrown instanceof OrderlabError && thrown.code === 'STALE_EPOCH');
      if (isStale && this.#owned.get(shard)?.epoch === owned.epoch) this.#owned.delete(shard);
      throw isRefusal ? new OrderlabError('STALE_EPOCH', { user }, thrown) : thrown;
    }
  }

  /** A refusal is written nowhere, so nothing else would compare the epoch: who is none any more may not even refuse. */
  async #isOwner(shard: string, { epoch }: Owned): Promise<boolean> {
    const { settings, store, writer } = this.#options;
    if (!settings.checksEpoch) return true;
    const granted = await store.ownerOf(shard);
    return granted !== null && granted.epoch === epoch && granted.owner === writer;
  }

  /** Null: another instance holds the shard. A hold that is half over is asked for again, so that a busy owner keeps it. */
  async #held(shard: string): Promise<Owned | null> {
    const { clock, settings } = this.#options;
    const owned = this.#owned.get(shard);
    if (owned !== undefined && clock.nowMs() - owned.heldAtMs < settings.holdMs / 2) return owned;
    const claim = this.#claims.get(shard) ?? this.#claim(shard).finally(() => this.#claims.delete(shard));
    this.#claims.set(shard, claim);
    return claim;
  }

  async #claim(shard: string): Promise<Owned | null> {
    const { clock, settings, store, writer } = this.#options;
    const heldAtMs = clock.nowMs();
    if (!(await store.hold(shard, writer, settings.holdMs))) {
      this.#owned.delete(shard);
      return null;
    }
    const epoch = this.#owned.get(shard)?.epoch ?? (await store.grantEpoch(shard, writer));
    const owned = { epoch, heldAtMs };
    this.#owned.set(shard, owned);
    return owned;
  }
}
