/**
 * Consumer session: the Java client that Pulsar's WebSocket service runs inside the broker, and the window between it and
 * the socket. The client prefetches its queue; the window decides how much of it is pushed.
 */
import type { EmbeddedConsumer } from '../../shared/adapters/embedded-broker-consumer';
import { decodeMessageId, printMessageId } from '../../shared/adapters/pulsar-message-id';
import { OrderlabError } from '../../shared/errors';
import { unreachable } from '../../shared/model/invariant';
import type { Delivery } from '../../shared/model/message';
import type { DeadLetterOptions } from '../../shared/model/subscription';
import { fullTopicName } from '../../shared/simulator/active-consumer';
import { type Command, endOfTopicText, pushText, readCommand } from './frame';
import type { ConsumerHandshake } from './handshake';
import { createPushWindow, noteAnswer, notePermit, notePush, type PushWindow } from './push-window';
import { CONFLICT, clientRefused, INTERNAL_ERROR, notServed } from './refusal';
import type { ServedNamespace } from './served-namespace';
import type { ServedSocket } from './served-socket';
import { type Admission, INTERNAL_CLOSURE, type Session, type SessionName } from './session';

interface Admitted {
  readonly handshake: ConsumerHandshake;
  readonly namespace: ServedNamespace;
  readonly named: SessionName;
  readonly partitionCount: number;
  readonly consumer: EmbeddedConsumer;
}

let generatedCount = 0;

/** Throws RefusedError. */
export async function admitConsumer(handshake: ConsumerHandshake, namespace: ServedNamespace): Promise<Admission> {
  const topic = namespace.fullName(handshake.topic);
  const partitionCount = await namespace.openTopic(topic);
  if (partitionCount > 0 && handshake.receiverQueueSize === 0) {
    const problem = 'Receiver queue size needs to be greater than 0 for Topics Consumer';
    throw clientRefused(INTERNAL_ERROR, problem);
  }
  await namespace.openSubscription(topic, handshake.subscription, handshake.from);
  generatedCount += 1;
  const name = handshake.consumerName ?? `consumer-${generatedCount}`;
  const consumer = await join(handshake, namespace, topic, name);
  const named: SessionName = { kind: 'consumer', name, topic, subscription: handshake.subscription };
  const admitted = { handshake, namespace, named, partitionCount, consumer };
  return { attach: (socket) => new ConsumerSession(admitted, socket), abandon: () => void consumer.close() };
}

async function join(
  handshake: ConsumerHandshake,
  namespace: ServedNamespace,
  topic: string,
  consumerName: string,
): Promise<EmbeddedConsumer> {
  const { subscription, type, receiverQueueSize, negativeAckDelayMs, ackTimeoutMs, priorityLevel } = handshake;
  const { broker } = namespace;
  const queue = { receiverQueueSize, negativeAckDelayMs, ackTimeoutMs, priorityLevel };
  const deadLetter = deadLetterOf(handshake, namespace, topic);
  const options = { topic, subscription, type, consumerName, ...queue, deadLetter };
  try {
    return await broker.subscribe(options);
  } catch (thrown) {
    if (!(thrown instanceof OrderlabError && thrown.code === 'CONSUMER_BUSY')) throw thrown;
    throw clientRefused(CONFLICT, thrown.message);
  }
}

/** A topic without a scheme is one of public/default, wherever the consumer is. */
function deadLetterOf(
  { subscription, maxRedeliverCount, deadLetterTopic }: ConsumerHandshake,
  namespace: ServedNamespace,
  source: string,
): DeadLetterOptions | null {
  if (maxRedeliverCount === null) return null;
  const topic = fullTopicName(deadLetterTopic ?? `${source}-${subscription}-DLQ`);
  if (!topic.startsWith(namespace.fullName(''))) throw notServed('a dead letter topic in another namespace');
  return { maxRedeliverCount, topic };
}

class ConsumerSession implements Session {
  readonly named: SessionName;
  readonly #admitted: Admitted;
  readonly #socket: ServedSocket;
  readonly #window: PushWindow;
  /** Ids that this socket pushed of a partitioned topic: through another one an acknowledgement counts for nothing. */
  readonly #pushed = new Set<string>();

  constructor(admitted: Admitted, socket: ServedSocket) {
    this.named = admitted.named;
    this.#admitted = admitted;
    this.#socket = socket;
    const { isPull, receiverQueueSize } = admitted.handshake;
    this.#window = createPushWindow(isPull, receiverQueueSize);
    if (!isPull) this.#ask();
  }

  onText(text: string): void {
    this.#obey(readCommand(text));
  }

  onEnd(): void {
    void this.#admitted.consumer.close();
  }

  #obey(command: Command): void {
    switch (command.kind) {
      case 'ack':
      case 'nack':
        void this.#tell(command.kind, command.messageId);
        if (noteAnswer(this.#window)) this.#ask();
        return;
      case 'permit':
        if (notePermit(this.#window, command.count)) this.#ask();
        return;
      case 'is-end-of-topic':
        this.#socket.send(endOfTopicText());
        return;
      case 'unsubscribe':
        void this.#unsubscribe();
        return;
      case 'fatal':
        this.#socket.close(INTERNAL_CLOSURE, command.problem);
        return;
      case 'ignored':
        return;
      default:
        unreachable(command, 'command of a consumer');
    }
  }

  #ask(): void {
    this.#socket.whenRoomy(() => void this.#admitted.consumer.receive().then((delivery) => this.#push(delivery)));
  }

  #push(delivery: Delivery | null): void {
    if (delivery === null) return;
    const { partitionCount, namespace } = this.#admitted;
    if (partitionCount > 0) this.#pushed.add(delivery.messageId);
    this.#socket.send(pushText(namespace.pushOf(delivery)));
    if (notePush(this.#window)) this.#ask();
  }

  /** There is no reply, and the socket stays open. Who shares the subscription is refused without a word. */
  async #unsubscribe(): Promise<void> {
    try {
      await this.#admitted.consumer.unsubscribe();
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError)) throw thrown;
    }
  }

  /** There is no reply: what names no message of this consumer fails without a word. */
  async #tell(kind: 'ack' | 'nack', base64: string): Promise<void> {
    const id = decodeMessageId(base64);
    if (id === null) return;
    const messageId = printMessageId(id);
    const { partitionCount, consumer } = this.#admitted;
    if (partitionCount > 0 && !this.#pushed.has(messageId)) return;
    if (kind === 'ack') this.#pushed.delete(messageId);
    try {
      await consumer[kind](messageId);
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError)) throw thrown;
    }
  }
}
