/** Gate keeper: holds handlers and lets them go in the plan's order, each when its predecessor's work is done. */
import type { EventRef, Gates } from '../shared/model/plan';

export class GateKeeper {
  private readonly order: readonly string[];
  private readonly held = new Map<string, () => void>();
  private openIndex = 0;

  constructor(gates: Gates) {
    this.order = gates.map(gateName);
  }

  /** `go` when the handler may run, else a promise of its turn. A handler that comes again is not held twice. */
  arrive(event: EventRef): 'go' | Promise<'go'> {
    const index = this.order.indexOf(gateName(event));
    if (index <= this.openIndex) return 'go';
    return new Promise((resolve) => this.held.set(gateName(event), () => resolve('go')));
  }

  /** The work on this event is done: the next gate opens. */
  pass(event: EventRef): void {
    if (this.order[this.openIndex] !== gateName(event)) return;
    this.openIndex += 1;
    this.held.get(this.order[this.openIndex] ?? '')?.();
  }
}

function gateName({ user, sequence }: EventRef): string {
  return `${user}#${sequence}`;
}
