/**
 * Gate keeper: holds handlers and lets them go in the plan's order, each when its predecessor's work is done.
 *
 * A plan cannot know who is dealt what, and a consumer handles a user's deliveries one by one. The counterexample to
 * waiting whatever happens is a broker that deals 1 and 2 to one consumer where 2 goes first: 1 waits for 2, which stands
 * behind 1. So nobody waits for what stands behind him: there the dealing has decided the order.
 */
import type { EventRef, Gates } from '../shared/model/plan';

interface Held {
  readonly event: EventRef;
  readonly consumer: string;
  readonly letGo: () => void;
}

export class GateKeeper {
  private readonly order: readonly string[];
  private readonly held = new Map<string, Held>();
  /** Who was handed which gated event last. */
  private readonly holders = new Map<string, string>();
  /** Let go before their turn, and of those, done. */
  private readonly early = new Set<string>();
  private readonly earlyDone = new Set<string>();
  private openIndex = 0;

  constructor(gates: Gates) {
    this.order = gates.map(gateName);
  }

  /** A consumer was handed the event, and will handle it after what it holds of the user. */
  take(event: EventRef, consumer: string): void {
    const name = gateName(event);
    if (!this.order.includes(name)) return;
    this.holders.set(name, consumer);
    for (const held of [...this.held.values()]) if (this.blocksItself(held)) this.letGoEarly(held);
  }

  /** `go` when the handler may run, else a promise of its turn. A handler that comes again is not held twice. */
  arrive(event: EventRef, consumer: string): 'go' | Promise<'go'> {
    const name = gateName(event);
    if (this.order.indexOf(name) <= this.openIndex) return 'go';
    return new Promise((resolve) => {
      const held = { event, consumer, letGo: () => resolve('go') };
      this.held.set(name, held);
      if (this.blocksItself(held)) this.letGoEarly(held);
    });
  }

  /** The work on this event is done: the next gate opens. */
  pass(event: EventRef): void {
    const name = gateName(event);
    if (this.early.has(name)) this.earlyDone.add(name);
    if (this.order[this.openIndex] !== name) return;
    do this.openIndex += 1;
    while (this.earlyDone.has(this.order[this.openIndex] ?? ''));
    this.held.get(this.order[this.openIndex] ?? '')?.letGo();
  }

  /** Nobody is held any more: what comes first may never come. */
  openAll(): void {
    this.openIndex = this.order.length;
    for (const { letGo } of this.held.values()) letGo();
    this.held.clear();
  }

  /** One of those that it waits for is with the same consumer, of the same user: behind it. */
  private blocksItself({ event, consumer }: Held): boolean {
    const awaited = this.order.slice(this.openIndex, this.order.indexOf(gateName(event)));
    return awaited.some(
      (name) => !this.early.has(name) && this.holders.get(name) === consumer && name.startsWith(`${event.user}#`),
    );
  }

  private letGoEarly({ event, letGo }: Held): void {
    this.early.add(gateName(event));
    this.held.delete(gateName(event));
    letGo();
  }
}

function gateName({ user, sequence }: EventRef): string {
  return `${user}#${sequence}`;
}
