/**
 * Crowd: the consumers of a run, their ranges of sticky hashes and what they hold.
 *
 * The history names who joined and who went, and Pulsar's ring depends on nothing else: so ranges are computed, by the
 * model that is held against real brokers, and a run on a real one shows them as well.
 */
import type { HashRange, SubscriptionType } from '../../../shared/model/subscription';
import { addToRing, createHashRing, hashRangesOf, ownerOf, removeFromRing } from '../../../shared/simulator/hash-ring';
import { murmurHash } from '../../../shared/simulator/murmur-hash';
import { stickyHashOf } from '../../../shared/simulator/sticky-hash';
import { type Holding, type PictureConsumer, type PictureKey, RING_KEY_COUNT_MAX } from './picture';

interface CrowdConsumer {
  /** Place in the order of joining: the ring's id of it. */
  readonly id: number;
  readonly name: string;
  status: PictureConsumer['status'];
  appliedCount: number;
  readonly held: Map<string, { readonly user: string; readonly sequence: number | null }>;
}

export class Crowd {
  private readonly byName = new Map<string, CrowdConsumer>();
  private readonly ring = createHashRing();
  /** Ranges change with joins and leaves only, and are asked for with every state. */
  private ranges: ReadonlyMap<number, readonly HashRange[]> = new Map();
  subscriptionType: SubscriptionType | null = null;

  join(name: string): void {
    const known = this.byName.get(name);
    if (known?.status === 'working') return;
    const consumer = known ?? { id: this.byName.size, name, status: 'working', appliedCount: 0, held: new Map() };
    consumer.status = 'working';
    this.byName.set(name, consumer);
    if (this.subscriptionType === 'key-shared') addToRing(this.ring, consumer.id, name);
    this.divide();
  }

  /** What it held goes to others: so many messages. */
  go(name: string, status: 'left' | 'killed'): number {
    const consumer = this.byName.get(name);
    if (consumer === undefined || consumer.status !== 'working') return 0;
    consumer.status = status;
    if (this.subscriptionType === 'key-shared') removeFromRing(this.ring, consumer.id);
    this.divide();
    return this.giveBack(name);
  }

  giveBack(name: string): number {
    const held = this.byName.get(name)?.held;
    const count = held?.size ?? 0;
    held?.clear();
    return count;
  }

  take(name: string, messageId: string, user: string, sequence: number | null): void {
    this.byName.get(name)?.held.set(messageId, { user, sequence });
  }

  settle(name: string, messageId: string): void {
    this.byName.get(name)?.held.delete(messageId);
  }

  applied(name: string): void {
    const consumer = this.byName.get(name);
    if (consumer !== undefined) consumer.appliedCount += 1;
  }

  get consumers(): readonly PictureConsumer[] {
    return [...this.byName.values()].map(({ id, name, status, held, appliedCount }) => ({
      ...{ name, status, appliedCount, heldCount: held.size, ranges: this.ranges.get(id) ?? [] },
    }));
  }

  /** Of `users`, and of those in flight as long as there is room. */
  keysOf(users: readonly string[]): readonly PictureKey[] {
    const inFlight = [...this.byName.values()].flatMap(({ held }) => [...held.values()].map(({ user }) => user));
    return [...new Set([...users, ...inFlight])].slice(0, RING_KEY_COUNT_MAX).map((user) => this.keyOf(user));
  }

  private divide(): void {
    this.ranges = this.ring.members.length === 0 ? new Map() : hashRangesOf(this.ring);
  }

  private keyOf(user: string): PictureKey {
    const hash = stickyHashOf(murmurHash(user));
    const owner = this.ownerNameOf(hash);
    const holdings = this.holdingsOf(user);
    const isDraining = owner !== null && holdings.some(({ consumer }) => consumer !== owner);
    return { user, hash, owner, holdings, isDraining };
  }

  private ownerNameOf(hash: number): string | null {
    if (this.ring.members.length === 0) return null;
    const id = ownerOf(this.ring, hash);
    return this.ring.members.find(({ consumerId }) => consumerId === id)?.name ?? null;
  }

  private holdingsOf(user: string): readonly Holding[] {
    return [...this.byName.values()].flatMap(({ name: consumer, held }) => {
      const own = [...held.values()].filter((message) => message.user === user);
      const sequences = own.flatMap(({ sequence }) => (sequence === null ? [] : [sequence]));
      return own.length === 0 ? [] : [{ consumer, sequences: sequences.sort((left, right) => left - right) }];
    });
  }
}
