/**
 * Acknowledgement watch: tells when the broker itself knows that an event is acknowledged.
 *
 * A client says so earlier: the native one gathers acknowledgements and sends them later, and over a WebSocket nobody
 * answers at all. A consumer that is to die after its acknowledgement, and not with it, waits for this.
 */
import { PulsarAdmin } from '../shared/adapters/pulsar-admin';
import type { InternalStats } from '../shared/adapters/pulsar-admin-answer';
import {
  isAfter,
  type PulsarMessageId,
  parseMessageId,
  readPlace,
  readRanges,
} from '../shared/adapters/pulsar-message-id';
import { partitionName } from '../shared/adapters/pulsar-topics';
import { OrderlabError } from '../shared/errors';
import { InvariantError, invariant } from '../shared/model/invariant';
import type { EventRef } from '../shared/model/plan';
import type { Broker, Clock } from '../shared/ports';
import { decodeEvent } from '../shared/wire';
import { brokerToken } from './broker-token';

/** A client that gathers acknowledgements sends them every 100 ms. */
const ACKNOWLEDGEMENT_DEADLINE_MS = 30_000;
const POLL_MS = 20;

export interface AcknowledgementWatchOptions {
  readonly broker: Pick<Broker, 'readLog'>;
  readonly adminUrl: string;
  readonly namespace: string;
  readonly topic: string;
  readonly subscription: string;
  readonly clock: Clock;
}

export class AcknowledgementWatch {
  readonly #admin: PulsarAdmin;

  constructor(private readonly options: AcknowledgementWatchOptions) {
    this.#admin = new PulsarAdmin({ url: options.adminUrl, token: brokerToken() });
  }

  /** Resolves when the subscription's cursor has the event. Errors: DEADLINE_EXCEEDED, BROKER_UNREACHABLE. */
  async seen(event: EventRef): Promise<void> {
    const { clock, namespace, topic, subscription } = this.options;
    const id = await this.#idOf(event);
    const partition = partitionName(`${namespace}/${topic}`, id.partition);
    const giveUpAtMs = clock.nowMs() + ACKNOWLEDGEMENT_DEADLINE_MS;
    while (clock.nowMs() < giveUpAtMs) {
      const cursor = (await this.#admin.internalStats(partition)).cursors[subscription];
      invariant(cursor !== undefined, 'the subscription of a run has a cursor');
      if (isAcknowledged(id, cursor)) return;
      await clock.sleep(POLL_MS);
    }
    const what = `the acknowledgement of event ${event.sequence} of user ${event.user} to reach the broker`;
    throw new OrderlabError('DEADLINE_EXCEEDED', { what, deadlineMs: ACKNOWLEDGEMENT_DEADLINE_MS });
  }

  async #idOf({ user, sequence }: EventRef): Promise<PulsarMessageId> {
    for await (const { messageId, payload } of this.options.broker.readLog(this.options.topic)) {
      const { event } = decodeEvent(payload);
      const id = event?.user === user && event.sequence === sequence ? parseMessageId(messageId) : null;
      if (id !== null) return id;
    }
    throw new InvariantError('an event that was received stands in the log');
  }
}

/** At or below the mark-delete position, or in one of the ranges above it. */
export function isAcknowledged(
  id: PulsarMessageId,
  {
    markDeletePosition,
    individuallyDeletedMessages,
  }: Pick<InternalStats['cursors'][string], 'markDeletePosition' | 'individuallyDeletedMessages'>,
): boolean {
  if (!isAfter(id, readPlace(markDeletePosition))) return true;
  return readRanges(individuallyDeletedMessages).some(([below, last]) => isAfter(id, below) && !isAfter(id, last));
}
