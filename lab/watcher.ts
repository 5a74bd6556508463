/** Watchers of what passes in this process: everything that a tally, a sheet of metrics or a live line wants to be told. */
import type { PortWatcher } from '../consumers/observed-ports';
import type { SendWatcher } from '../producers/producer';
import type { EffectOrder } from '../shared/model/effect-order';
import type { TopicStats } from '../shared/model/subscription';

/** What is asked for once a second, and not told. */
export interface Gauges extends TopicStats {
  readonly inHandCount: number;
  readonly parkedCount: number;
  /** From 1; see Store. */
  readonly storeGeneration: number;
}

/** What passes at no port of a consumer or a producer. */
export type News =
  /** A connection that was lost stands again. */
  | { readonly kind: 'reconnected'; readonly to: 'broker' | 'store' }
  /** A comparison of heads applied what was missing. */
  | { readonly kind: 'repaired'; readonly eventCount: number }
  /** An entry of the derived topic, by its place after the one before of the same user. */
  | { readonly kind: 'result'; readonly order: EffectOrder };

export interface Watcher extends SendWatcher {
  /** Who watches the ports of one life of a consumer. */
  watcherOf(consumer: string): PortWatcher;
  ticked(gauges: Gauges): void;
  heard(news: News): void;
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
    heard: (news) => {
      for (const watcher of watchers) watcher.heard(news);
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
