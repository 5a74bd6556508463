/**
 * Reader session: the messages of a topic from a place on, and those that come. It is the only consumer of a subscription
 * that nobody else sees, with the window of any other.
 */
import type { EmbeddedReader } from '../../shared/adapters/embedded-broker-reader';
import { printMessageId } from '../../shared/adapters/pulsar-message-id';
import { OrderlabError } from '../../shared/errors';
import type { Delivery } from '../../shared/model/message';
import { endOfTopicText, pushText, readCommand } from './frame';
import type { ReaderHandshake } from './handshake';
import { createPushWindow, noteAnswer, notePush, type PushWindow } from './push-window';
import { BAD_REQUEST, RefusedError } from './refusal';
import type { ServedNamespace } from './served-namespace';
import type { ServedSocket } from './served-socket';
import type { Admission, Session, SessionName } from './session';

interface Admitted {
  readonly handshake: ReaderHandshake;
  readonly namespace: ServedNamespace;
  readonly named: SessionName;
  readonly reader: EmbeddedReader;
}

let generatedCount = 0;

/** Throws RefusedError. */
export async function admitReader(handshake: ReaderHandshake, namespace: ServedNamespace): Promise<Admission> {
  const topic = namespace.fullName(handshake.topic);
  await namespace.openTopic(topic);
  generatedCount += 1;
  const name = handshake.readerName ?? `reader-${generatedCount}`;
  const named: SessionName = { kind: 'reader', name, topic, subscription: null };
  const reader = openReader(handshake, namespace, topic, name);
  const admitted = { handshake, namespace, named, reader };
  return { attach: (socket) => new ReaderSession(admitted, socket), abandon: () => void reader.close() };
}

function openReader(
  { from, receiverQueueSize }: ReaderHandshake,
  { broker }: ServedNamespace,
  topic: string,
  readerName: string,
): EmbeddedReader {
  const place = typeof from === 'string' ? from : { after: printMessageId(from) };
  try {
    return broker.openReader({ topic, readerName, from: place, receiverQueueSize: Math.max(receiverQueueSize, 1) });
  } catch (thrown) {
    if (!(thrown instanceof OrderlabError)) throw thrown;
    throw new RefusedError(BAD_REQUEST, `Invalid query params: ${thrown.message}`);
  }
}

class ReaderSession implements Session {
  readonly named: SessionName;
  readonly #admitted: Admitted;
  readonly #socket: ServedSocket;
  readonly #window: PushWindow;

  constructor(admitted: Admitted, socket: ServedSocket) {
    this.named = admitted.named;
    this.#admitted = admitted;
    this.#socket = socket;
    this.#window = createPushWindow(false, admitted.handshake.receiverQueueSize);
    this.#ask();
  }

  /** The answer to a message need not name it: whatever is no question opens a slot, text that is no JSON included. */
  onText(text: string): void {
    if (readCommand(text).kind === 'is-end-of-topic') this.#socket.send(endOfTopicText());
    else if (noteAnswer(this.#window)) this.#ask();
  }

  onEnd(): void {
    void this.#admitted.reader.close();
  }

  #ask(): void {
    this.#socket.whenRoomy(() => void this.#admitted.reader.readNext().then((delivery) => this.#push(delivery)));
  }

  #push(delivery: Delivery | null): void {
    if (delivery === null) return;
    this.#socket.send(pushText(this.#admitted.namespace.pushOf(delivery)));
    if (notePush(this.#window)) this.#ask();
  }
}
