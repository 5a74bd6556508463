/** Reader session: the entries of one log from a place on, and those that come. No subscription is involved. */
import { OrderlabError } from '../../shared/errors';
import { invariant } from '../../shared/model/invariant';
import type { LogView } from '../../shared/simulator/log-view';
import { type Command, endOfTopicText, pushText, readCommand } from './frame';
import type { ReaderHandshake } from './handshake';
import type { MessageStamps } from './message-stamps';
import { createPushWindow, noteAnswer, notePush, type PushWindow } from './push-window';
import { notServed } from './refusal';
import type { ServedNamespace } from './served-namespace';
import type { ServedSocket } from './served-socket';
import type { Admission, Session, SessionName } from './session';

interface Admitted {
  readonly handshake: ReaderHandshake;
  readonly namespace: ServedNamespace;
  readonly named: SessionName;
  readonly partition: number;
  readonly stamps: MessageStamps;
  /** Position of the first entry. */
  readonly start: number;
}

let generatedCount = 0;

/** Throws RefusedError. */
export async function admitReader(handshake: ReaderHandshake, namespace: ServedNamespace): Promise<Admission> {
  const topic = namespace.fullName(handshake.topic);
  if ((await namespace.openTopic(topic)) > 0) throw notServed('a reader of a partitioned topic as a whole');
  generatedCount += 1;
  const name = handshake.readerName ?? `reader-${generatedCount}`;
  const named: SessionName = { kind: 'reader', name, topic, subscription: null };
  const [log] = namespace.broker.viewLogs(topic);
  invariant(log !== undefined, 'a plain topic has a log');
  const stamps = namespace.stampsOf(topic);
  const admitted = { handshake, namespace, named, stamps, partition: log.partition, start: startOf(handshake, log) };
  return { attach: (socket) => new ReaderSession(admitted, socket), abandon: () => {} };
}

/** An id of another ledger is of another log, and then nothing of this one was read. */
function startOf({ from }: ReaderHandshake, { ledgerId, entryCount }: LogView): number {
  if (from === 'latest') return entryCount;
  return from === 'earliest' || from.ledgerId !== ledgerId ? 0 : from.entryId + 1;
}

class ReaderSession implements Session {
  readonly named: SessionName;
  readonly #admitted: Admitted;
  readonly #socket: ServedSocket;
  readonly #window: PushWindow;
  readonly #following: { release(): void };
  #position: number;
  #isReading = false;
  /** The window has room, but the log had no more. */
  #wants = true;

  constructor(admitted: Admitted, socket: ServedSocket) {
    this.named = admitted.named;
    this.#admitted = admitted;
    this.#socket = socket;
    this.#position = admitted.start;
    this.#window = createPushWindow(false, admitted.handshake.receiverQueueSize);
    this.#following = admitted.stamps.follow(() => this.#look());
    this.#look();
  }

  onText(text: string): void {
    this.#obey(readCommand(text));
  }

  onEnd(): void {
    this.#wants = false;
    this.#following.release();
  }

  /** The answer to an entry need not name it: whatever is no question opens a slot, text that is no JSON included. */
  #obey(command: Command): void {
    if (command.kind === 'is-end-of-topic') {
      this.#socket.send(endOfTopicText());
    } else if (noteAnswer(this.#window)) {
      this.#wants = true;
      this.#look();
    }
  }

  #look(): void {
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#wants && this.#position < this.#admitted.stamps.count) await this.#readOn();
    } catch (thrown) {
      /** The namespace is gone: there is nothing to read any more. */
      if (!(thrown instanceof OrderlabError)) throw thrown;
    } finally {
      this.#isReading = false;
    }
  }

  /** To the tail of now. */
  async #readOn(): Promise<void> {
    const { namespace, named, partition } = this.#admitted;
    for await (const entry of namespace.broker.readLog(named.topic, new Map([[partition, this.#position - 1]]))) {
      await new Promise<void>((resolve) => this.#socket.whenRoomy(resolve));
      if (!this.#wants) return;
      this.#position = entry.position + 1;
      this.#socket.send(pushText(namespace.pushOf(entry, 0)));
      this.#wants = notePush(this.#window);
    }
  }
}
