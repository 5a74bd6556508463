/**
 * Observed ports: the same ports, with somebody told what passed. Whoever watches knows nothing of the strategy, and the
 * strategy knows nothing of being watched, so a naive one is seen as well as the reference.
 */
import { OrderlabError, type Outcome } from '../shared/errors';
import type { StoreAnswer, StoreOperation } from '../shared/model/action';
import type { Delivery } from '../shared/model/message';
import type { Consumer, Store } from '../shared/ports';
import type { ConsumerPorts } from './performer';

/** Told in the order in which things happened at one consumer. Synchronous, on the hot path: it counts and returns. */
export interface PortWatcher {
  received(delivery: Delivery): void;
  /** The broker was asked to forget the message (ack) or to give it to somebody again (nack). */
  settled(messageId: string, kind: 'ack' | 'nack'): void;
  /** In the order in which the store answered, which is the order in which it acted. */
  answered(operation: StoreOperation, answer: StoreAnswer, elapsedMs: number): void;
  /** unknown: it may have taken effect. */
  failed(operation: StoreOperation, outcome: Outcome): void;
}

export function observedPorts(ports: ConsumerPorts, watcher: PortWatcher): ConsumerPorts {
  return { ...ports, consumer: observedConsumer(ports.consumer, watcher), store: observedStore(ports, watcher) };
}

function observedConsumer(consumer: Consumer, watcher: PortWatcher): Consumer {
  return {
    receive: async () => {
      const delivery = await consumer.receive();
      if (delivery !== null) watcher.received(delivery);
      return delivery;
    },
    ack: async (messageId) => {
      await consumer.ack(messageId);
      watcher.settled(messageId, 'ack');
    },
    nack: async (messageId) => {
      await consumer.nack(messageId);
      watcher.settled(messageId, 'nack');
    },
    close: () => consumer.close(),
  };
}

function observedStore({ store, clock }: ConsumerPorts, watcher: PortWatcher): Store {
  return {
    execute: async (operation) => {
      const startedAtMs = clock.nowMs();
      try {
        const answer = await store.execute(operation);
        watcher.answered(operation, answer, clock.nowMs() - startedAtMs);
        return answer;
      } catch (thrown) {
        watcher.failed(operation, thrown instanceof OrderlabError ? thrown.outcome : 'unknown');
        throw thrown;
      }
    },
    dump: () => store.dump(),
    close: () => store.close(),
    get generation() {
      return store.generation;
    },
  };
}
