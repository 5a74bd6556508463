/**
 * Incarnation: whether the server that answers now is the one that answered before, with what was there then.
 *
 * Redis acknowledges before it is durable and before its replicas have it. After a restart, a failover or a flush it
 * answers as if nothing had been, so a read model that went back in time is noticed only by who asks (idempotency 6.4).
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

interface Incarnation {
  /** Of the process that answers. */
  readonly runId: string;
  /** Of the data set's history: another one after a failover. */
  readonly replicationId: string;
  /** null: it is not there. */
  readonly sentinel: string | null;
}

export class IncarnationGuard {
  private known: Incarnation | null = null;
  private current = 1;

  /** `plants`: writes the sentinel where it is missing. Who may not change the store only looks for it. */
  constructor(
    private readonly sentinelKey: string,
    private readonly plants: boolean,
  ) {}

  /** Raised by each check that found another incarnation. */
  get generation(): number {
    return this.current;
  }

  /** Call it on every new connection, before any other call. True: what was acknowledged before may be gone. */
  async check(redis: Redis, info: string): Promise<boolean> {
    const sentinel = await redis.get(this.sentinelKey);
    const found = { runId: fact(info, 'run_id'), replicationId: fact(info, 'master_replid'), sentinel };
    const { known } = this;
    this.known = { ...found, sentinel: sentinel ?? (this.plants ? await this.plant(redis) : null) };
    if (known === null || isSame(known, found)) return false;
    this.current += 1;
    return true;
  }

  /** Of several who find it missing one plants it, and all go by that one. */
  private async plant(redis: Redis): Promise<string> {
    const own = randomUUID();
    return (await redis.set(this.sentinelKey, own, 'NX', 'GET')) ?? own;
  }
}

/** A sentinel that nobody had planted yet cannot have been lost. */
function isSame(known: Incarnation, found: Incarnation): boolean {
  const { runId, replicationId, sentinel } = known;
  if (runId !== found.runId || replicationId !== found.replicationId) return false;
  return sentinel === null || sentinel === found.sentinel;
}

/** Empty where a server does not say: then it says so always. */
function fact(info: string, name: string): string {
  return new RegExp(`^${name}:(\\S*)`, 'm').exec(info)?.[1] ?? '';
}
