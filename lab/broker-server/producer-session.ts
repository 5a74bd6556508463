/** Producer session: sends are stored in the order in which they come, and each is answered with its receipt. */
import { parseMessageId } from '../../shared/adapters/pulsar-message-id';
import { causeText, OrderlabError } from '../../shared/errors';
import { invariant } from '../../shared/model/invariant';
import type { Producer } from '../../shared/ports';
import { murmurHash } from '../../shared/simulator/murmur-hash';
import { notStoredText, readSend, receiptText, type Send, sendErrorText } from './frame';
import type { ProducerHandshake } from './handshake';
import { javaStringHash } from './java-string-hash';
import { messageIdText } from './message-id-text';
import type { MessageStamps } from './message-stamps';
import { logNameOf, type ServedNamespace } from './served-namespace';
import type { ServedSocket } from './served-socket';
import type { Admission, Session, SessionName } from './session';

interface Admitted {
  readonly handshake: ProducerHandshake;
  readonly named: SessionName;
  /** One per partition. */
  readonly lanes: readonly Producer[];
  readonly stamps: MessageStamps;
  readonly release: () => void;
}

let generatedCount = 0;

/** Throws RefusedError. */
export async function admitProducer(handshake: ProducerHandshake, namespace: ServedNamespace): Promise<Admission> {
  const topic = namespace.fullName(handshake.topic);
  const partitionCount = await namespace.openTopic(topic);
  generatedCount += 1;
  const name = handshake.producerName ?? `standalone-0-${generatedCount}`;
  const partitions = partitionCount === 0 ? [-1] : Array.from({ length: partitionCount }, (_, index) => index);
  const { broker, stamps } = namespace;
  const free = namespace.admitProducer(topic, name);
  const lanes = await Promise.all(
    partitions.map((partition) => broker.createProducer(logNameOf(topic, partition), name)),
  );
  const release = (): void => {
    free();
    for (const lane of lanes) void lane.close();
  };
  const named: SessionName = { kind: 'producer', name, topic, subscription: null };
  const admitted = { handshake, named, lanes, stamps, release };
  return { attach: (socket) => new ProducerSession(admitted, socket), abandon: release };
}

class ProducerSession implements Session {
  readonly named: SessionName;
  readonly #admitted: Admitted;
  readonly #socket: ServedSocket;
  #unkeyedCount = 0;

  constructor(admitted: Admitted, socket: ServedSocket) {
    this.named = admitted.named;
    this.#admitted = admitted;
    this.#socket = socket;
  }

  onText(text: string): void {
    const send = readSend(text);
    if (send.kind === 'refused') this.#socket.send(sendErrorText(send));
    else void this.#store(send);
  }

  onEnd(): void {
    this.#admitted.release();
  }

  /** The message is stored before the first wait, so sends keep their order. */
  async #store(send: Send): Promise<void> {
    const { key, payload, properties, eventTime, context } = send;
    this.#admitted.stamps.add(properties, { publishedAtMs: Date.now(), eventTime, isKeyed: key !== null });
    try {
      const id = parseMessageId(await this.#laneFor(key).send({ key: key ?? '', payload, properties }));
      invariant(id !== null, 'the model prints its message ids as Pulsar does');
      this.#socket.send(receiptText(messageIdText(id), context));
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError)) throw thrown;
      this.#socket.send(notStoredText(causeText(thrown), context));
    }
  }

  #laneFor(key: string | null): Producer {
    const { lanes, handshake } = this.#admitted;
    const lane = lanes[lanes.length === 1 ? 0 : this.#hashOf(key, handshake) % lanes.length];
    invariant(lane !== undefined, 'routing names a partition of the topic');
    return lane;
  }

  #hashOf(key: string | null, { hashingScheme, isRoundRobin }: ProducerHandshake): number {
    if (key === null) {
      this.#unkeyedCount += isRoundRobin ? 1 : 0;
      return this.#unkeyedCount;
    }
    return hashingScheme === 'Murmur3_32Hash' ? murmurHash(key) : javaStringHash(key);
  }
}
