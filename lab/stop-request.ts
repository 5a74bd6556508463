/** Stop request: somebody asks once, somebody else waits for it. */
import type { Lifecycle } from '../shared/ports';

export class StopRequest {
  readonly whenAsked: Promise<void>;
  private askedFor = false;
  private answer: () => void = () => {};

  constructor() {
    this.whenAsked = new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  get asked(): boolean {
    return this.askedFor;
  }

  ask(): void {
    this.askedFor = true;
    this.answer();
  }
}

/** As a port of whoever is to stop sees it. */
export function lifecycleOf(stop: StopRequest): Pick<Lifecycle, 'stopping' | 'whenStopping'> {
  return {
    get stopping() {
      return stop.asked;
    },
    whenStopping: stop.whenAsked,
  };
}
