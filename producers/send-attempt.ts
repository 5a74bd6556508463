/** One attempt to publish one event, on record before and after. */
import { OrderlabError, type Outcome } from '../shared/errors';
import type { UserEvent } from '../shared/model/event';
import type { PubBody } from '../shared/model/history';
import { InvariantError } from '../shared/model/invariant';
import type { Producer, Recorder } from '../shared/ports';
import { encodeEvent } from '../shared/wire';

/** An event on its way. */
export interface PendingSend {
  readonly event: UserEvent;
  /** Place in the order in which the runner admitted events. */
  readonly admission: number;
  /** An attempt ended without a definite answer. A later definite failure does not take that back. */
  mayBeStored: boolean;
  /** Of the message, where who sends counts by itself; default: the client does. */
  readonly sequenceId?: number;
}

/** True: the broker said that it is stored. Calls `send` before it returns, so order of calls is order of sends. */
export type SendAttempt = (send: PendingSend) => Promise<boolean>;

export interface SendAttemptOptions {
  readonly producer: Producer;
  readonly producerName: string;
  readonly topic: string;
  readonly recorder: Recorder;
}

type SendResult =
  | { readonly outcome: 'ok'; readonly messageId: string }
  | { readonly outcome: 'fail' | 'info'; readonly messageId: null };

/**
 * The attempt over a Producer port. A retry is the same event with the same id and the same bytes, so whoever checks
 * ids or digests sees one fact twice and not two facts.
 */
export function sendAttempt(options: SendAttemptOptions): SendAttempt {
  const { producer, recorder } = options;
  return async (send) => {
    const { id: eventId, user, sequence } = send.event;
    const numbered = send.sequenceId === undefined ? {} : { sequenceId: send.sequenceId };
    const subject = { producer: options.producerName, topic: options.topic, eventId, user, sequence };
    recorder.record({ stream: 'Pub', type: 'invoke', ...subject } satisfies PubBody);
    const result = await resultOf(
      producer.send({ key: user, payload: encodeEvent(send.event), properties: {}, ...numbered }),
    );
    recorder.record({ stream: 'Pub', type: 'return', ...subject, ...result } satisfies PubBody);
    send.mayBeStored ||= result.outcome === 'info';
    return result.outcome === 'ok';
  };
}

async function resultOf(sending: Promise<string>): Promise<SendResult> {
  try {
    return { outcome: 'ok', messageId: await sending };
  } catch (thrown) {
    if (thrown instanceof InvariantError) throw thrown;
    return { outcome: outcomeOf(thrown) === 'definite' ? 'fail' : 'info', messageId: null };
  }
}

/** A failure that is not of the error table says nothing about what the broker did: unknown. */
function outcomeOf(thrown: unknown): Outcome {
  return thrown instanceof OrderlabError ? thrown.outcome : 'unknown';
}
