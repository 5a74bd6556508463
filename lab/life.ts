/**
 * Life: what ends when an incarnation is killed inside one process.
 *
 * A process that is killed -9 runs no `finally`, sends no acknowledgement and hears no answer. In process the same is
 * had by cutting every promise of a port: after the death none of them settles, so nothing of the victim runs on.
 */
import type { ConsumerPorts } from '../consumers/performer';
import type { Lifecycle } from '../shared/ports';

/** A promise that never settles: where the dead wait. */
export const NEVER = new Promise<never>(() => {});

/** One life of a consumer. */
export class Life {
  private alive = true;
  /** Made once: there are several calls an event. */
  private readonly passValue = <T>(value: T): T | Promise<never> => (this.alive ? value : NEVER);
  private readonly passError = (thrown: unknown): Promise<never> => {
    if (this.alive) throw thrown;
    return NEVER;
  };

  get isAlive(): boolean {
    return this.alive;
  }

  /** Cut points from now on: before a call, after it took effect, before its answer is seen. */
  end(): void {
    this.alive = false;
  }

  /** The same outcome while alive; a promise that never settles once dead. */
  hold<T>(promise: Promise<T>): Promise<T> {
    return promise.then(this.passValue, this.passError);
  }

  /**
   * The call, held. The dead make none: a continuation that was due when the life ended (after a promise of the
   * consumer's own, not of a port) comes as far as its next call and no further.
   */
  live<T>(call: () => Promise<T>): Promise<T> {
    return this.alive ? this.hold(call()) : NEVER;
  }
}

/** The ports of an incarnation, each cut by its life. */
export function mortal(ports: ConsumerPorts, life: Life): ConsumerPorts {
  const { clock, consumer, store, eventLog, results } = ports;
  return {
    clock: { nowMs: () => clock.nowMs(), sleep: (ms) => life.live(() => clock.sleep(ms)) },
    consumer: {
      receive: () => life.live(() => consumer.receive()),
      ack: (messageId) => life.live(() => consumer.ack(messageId)),
      nack: (messageId) => life.live(() => consumer.nack(messageId)),
      close: () => life.live(() => consumer.close()),
    },
    store: {
      execute: (operation) => life.live(() => store.execute(operation)),
      dump: () => store.dump(),
      get generation() {
        return store.generation;
      },
      close: () => store.close(),
    },
    eventLog: { read: (user, from, to) => life.live(() => eventLog.read(user, from, to)) },
    lifecycle: mortalLifecycle(ports.lifecycle, life),
    recorder: {
      record: (body) => {
        if (life.isAlive) ports.recorder.record(body);
      },
      /** Not cut: what follows a write is a call, and that is. */
      written: () => ports.recorder.written(),
    },
    results: results && {
      topic: results.topic,
      producer: {
        send: (message) => life.live(() => results.producer.send(message)),
        close: () => results.producer.close(),
      },
    },
  };
}

function mortalLifecycle(lifecycle: Lifecycle, life: Life): Lifecycle {
  return {
    reached: (point, subject) => {
      if (!life.isAlive) return NEVER;
      const passage = lifecycle.reached(point, subject);
      return passage === 'go' ? 'go' : life.hold(passage);
    },
    get stopping() {
      return lifecycle.stopping;
    },
    whenStopping: life.hold(lifecycle.whenStopping),
  };
}
