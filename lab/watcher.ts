/** Watchers of what passes in this process: everything that a tally, a sheet of metrics or a live line wants to be told. */
import type { PortWatcher } from '../consumers/observed-ports';
import type { SendWatcher } from '../producers/producer';

/** What is asked for once a second, and not told. */
export interface Gauges {
  readonly backlog: number;
  readonly inHandCount: number;
  readonly parkedCount: number;
  /** From 1; see Store. */
  readonly storeGeneration: number;
}

export interface Watcher extends SendWatcher {
  /** Who watches the ports of one life of a consumer. */
  watcherOf(consumer: string): PortWatcher;
  ticked(gauges: Gauges): void;
}

/** Tells each, in this order. */
export function watchingAll(watchers: readonly Watcher[]): Watcher {
  return {
    sent: (event) => {
      for (const watcher of watchers) watcher.sent(event);
    },
    settled: (event, outcome) => {
      for (const watcher of watchers) watcher.settled(event, outcome);
    },
    watcherOf: (consumer) => allPorts(watchers.map((watcher) => watcher.watcherOf(consumer))),
    ticked: (gauges) => {
      for (const watcher of watchers) watcher.ticked(gauges);
    },
  };
}

function allPorts(watchers: readonly PortWatcher[]): PortWatcher {
  return {
    received: (delivery) => {
      for (const watcher of watchers) watcher.received(delivery);
    },
    settled: (messageId, kind) => {
      for (const watcher of watchers) watcher.settled(messageId, kind);
    },
    answered: (operation, answer, elapsedMs) => {
      for (const watcher of watchers) watcher.answered(operation, answer, elapsedMs);
    },
    failed: (operation, outcome) => {
      for (const watcher of watchers) watcher.failed(operation, outcome);
    },
  };
}
