/**
 * Broker hand: what a run does to the broker that it works on, and how it tells that everybody is back.
 *
 * A fault is over when the broker serves and the consumers are connected again, not when a command has returned: before
 * that a run would be judged while its consumers are still on their way.
 */
import { PulsarAdmin } from '../shared/adapters/pulsar-admin';
import { partitionName, partitionsOf } from '../shared/adapters/pulsar-topics';
import { OrderlabError } from '../shared/errors';
import { invariant, unreachable } from '../shared/model/invariant';
import type { Clock } from '../shared/ports';
import { brokerToken } from './broker-token';
import type { BrokerFault } from './fault-arm';
import type { OwnBroker } from './own-broker';

/** From the broker's return to the last consumer's: their clients try again every two seconds at the latest. */
const REUNION_DEADLINE_MS = 120_000;
const REUNION_POLL_MS = 100;

export interface BrokerHandOptions {
  readonly adminUrl: string;
  readonly namespace: string;
  readonly topic: string;
  readonly partitionCount: number;
  readonly subscription: string;
  readonly clock: Clock;
  /** undefined: the broker is somebody else's and is never restarted. */
  readonly ownBroker: OwnBroker | undefined;
}

export class BrokerHand {
  readonly #admin: PulsarAdmin;
  readonly #topic: string;

  constructor(private readonly options: BrokerHandOptions) {
    this.#admin = new PulsarAdmin({ url: options.adminUrl, token: brokerToken() });
    this.#topic = `${options.namespace}/${options.topic}`;
  }

  /** Per partition, as a message id, the position up to which everything is acknowledged. */
  async acknowledged(): Promise<readonly string[]> {
    const { partitionCount, subscription } = this.options;
    return Promise.all(
      partitionsOf({ name: this.#topic, partitionCount }).map(async (partition) => {
        const { cursors } = await this.#admin.internalStats(partitionName(this.#topic, partition));
        const cursor = cursors[subscription];
        invariant(cursor !== undefined, 'the subscription of a run has a cursor');
        return `${cursor.markDeletePosition}:${partition}`;
      }),
    );
  }

  /** Resolves when the broker serves again. */
  async strike({ kind }: BrokerFault): Promise<void> {
    const { ownBroker } = this.options;
    if (kind === 'unload') return this.#admin.unload(this.#topic);
    invariant(ownBroker !== undefined, 'only a broker of its own is restarted or killed by a run');
    switch (kind) {
      case 'broker-restart':
        return ownBroker.restart();
      case 'broker-kill':
        return ownBroker.killAndRestart();
      default:
        return unreachable(kind, 'fault of the broker');
    }
  }

  /** Resolves when as many consumers as live are connected. Errors: DEADLINE_EXCEEDED. */
  async reunited(liveCount: () => number): Promise<void> {
    const { clock } = this.options;
    const giveUpAtMs = clock.nowMs() + REUNION_DEADLINE_MS;
    while ((await this.#connectedCount()) < liveCount()) {
      if (clock.nowMs() > giveUpAtMs) {
        const what = 'the return of the consumers after a fault of the broker';
        throw new OrderlabError('DEADLINE_EXCEEDED', { what, deadlineMs: REUNION_DEADLINE_MS });
      }
      await clock.sleep(REUNION_POLL_MS);
    }
  }

  /** At the partition that fewest have come back to. While the topic is loaded there may be no answer yet: 0. */
  async #connectedCount(): Promise<number> {
    const { partitionCount, subscription } = this.options;
    try {
      const stats = await this.#admin.subscriptionStats(this.#topic, partitionCount, subscription);
      return stats === null ? 0 : Math.min(...stats.map(({ consumers }) => consumers.length));
    } catch (thrown) {
      if (thrown instanceof OrderlabError) return 0;
      throw thrown;
    }
  }
}
