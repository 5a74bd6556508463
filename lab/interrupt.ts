/** Interrupt: the first Ctrl-C (or SIGTERM) brings a run to an orderly end, the second ends the process. */
import { EXIT_INTERRUPTED } from './exit-code';
import type { Terminal } from './terminal';

export interface Interrupt {
  readonly stopping: boolean;
  /** Stops listening. */
  release(): void;
}

export function onInterrupt(terminal: Terminal): Interrupt {
  let stopping = false;
  const ask = (): void => {
    if (stopping) process.exit(EXIT_INTERRUPTED);
    stopping = true;
    terminal.say('stopping: nothing more is published, what is under way is finished (once more to stop at once)');
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  return {
    get stopping() {
      return stopping;
    },
    release: () => {
      process.off('SIGINT', ask);
      process.off('SIGTERM', ask);
    },
  };
}
