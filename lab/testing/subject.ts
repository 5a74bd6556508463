/**
 * Subjects: consumers under test, each the host of the clients that it makes. A subject can be killed and held up inside
 * this process, because everything that it hears from Pulsar and from servers comes through here.
 */
import type { Delivery } from '../../shared/model/message';
import type { SubscriptionType } from '../../shared/model/subscription';
import type { Host, Member, Passage } from './client/host';
import { place } from './client/place';
import type { StepName } from './fault';
import type { SocketOwner, WatchedSocket } from './socket-watch';

/** What is done about a step of a subject. */
export interface Stage {
  /** Before each step; may kill or pause the subject. */
  step(subject: Subject, step: StepName, delivery: Delivery | null): void;
  /** What becomes of a message before it is handed over. */
  receiving(subject: Subject): Passage<'give-back'>;
  /** Whether this acknowledgement is lost. */
  losesAck(delivery: Delivery): boolean;
  received(subject: Subject, delivery: Delivery): void;
  acknowledged(subject: Subject, delivery: Delivery): void;
  givenBack(subject: Subject, delivery: Delivery): void;
  /** null: as the consumer asks. */
  readonly subscriptionType: SubscriptionType | null;
  readonly negativeAckDelayMsMax: number;
}

type State = 'alive' | 'paused' | 'dead';

export class Subject implements Host, SocketOwner {
  readonly name: string;
  readonly #stage: Stage;
  readonly #members = new Set<Member>();
  readonly #sockets = new Set<WatchedSocket>();
  #state: State = 'alive';
  #incarnation: number;
  /** What goes on when a pause ends. */
  readonly #heldUp: (() => void)[] = [];
  /** As which incarnation a message was received. */
  readonly #receivedAs = new Map<string, string>();
  #askedType: SubscriptionType | null = null;
  #stop: (() => unknown) | null = null;
  readonly #unacknowledged = new Set<string>();

  constructor(name: string, incarnation: number, stage: Stage) {
    this.name = name;
    this.#incarnation = incarnation;
    this.#stage = stage;
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isAlive(): boolean {
    return this.#state === 'alive';
  }

  /** `c1#2`: the second connection of c1, in one process or the next. */
  get incarnation(): string {
    return `${this.name}#${this.#incarnation}`;
  }

  get incarnationNumber(): number {
    return this.#incarnation;
  }

  get members(): ReadonlySet<Member> {
    return this.#members;
  }

  /** The type that the consumer itself asked for. */
  get askedType(): SubscriptionType | null {
    return this.#askedType;
  }

  /** Ends it in an orderly way; null: its `start` gave nothing with a `stop`. */
  get stop(): (() => unknown) | null {
    return this.#stop;
  }

  /** Message ids that it was given and neither acknowledged nor gave back. */
  get unacknowledged(): readonly string[] {
    return [...this.#unacknowledged];
  }

  /** What `start` resolved with. */
  keep(handle: unknown): void {
    if (typeof handle !== 'object' || handle === null || !('stop' in handle)) return;
    const { stop } = handle;
    if (typeof stop === 'function') this.#stop = () => stop.call(handle);
  }

  get isIdle(): boolean {
    return [...this.#members].every((member) => member.isIdle()) && [...this.#sockets].every(({ isQuiet }) => isQuiet);
  }

  get inHandCount(): number {
    return [...this.#members].reduce((sum, member) => sum + member.inHandCount(), 0);
  }

  /** Dead at once: no promise of a client settles any more, and no byte of it leaves. Others notice when it is cut off. */
  die(): void {
    this.#state = 'dead';
    this.#heldUp.length = 0;
    for (const socket of this.#sockets) socket.cut();
  }

  pause(): void {
    this.#state = 'paused';
    for (const socket of this.#sockets) socket.pause();
  }

  /** In the order in which it would have gone on. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'alive';
    for (const socket of this.#sockets) socket.resume();
    for (const goOn of this.#heldUp.splice(0)) goOn();
  }

  /** The broker sees the connection gone. */
  cutOff(): void {
    for (const member of this.#members) member.disconnect();
  }

  async reconnect(): Promise<void> {
    this.#incarnation += 1;
    for (const member of this.#members) await member.reconnect();
  }

  run<Result>(work: () => Result): Result {
    return place().hosts.run(this, work);
  }

  hold<Result>(promise: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#whenAlive(() => resolve(value)),
        (thrown: unknown) => this.#whenAlive(() => reject(thrown)),
      );
    });
  }

  subscriptionType(asked: SubscriptionType): SubscriptionType {
    this.#askedType = asked;
    return this.#stage.subscriptionType ?? asked;
  }

  negativeAckDelayMs(configuredMs: number): number {
    return Math.min(configuredMs, this.#stage.negativeAckDelayMsMax);
  }

  joined(member: Member): void {
    this.#members.add(member);
    if (this.#state === 'dead') member.disconnect();
  }

  left(member: Member): void {
    this.#members.delete(member);
  }

  beforeReceive(_member: Member, delivery: Delivery): Passage<'give-back'> {
    this.#stage.step(this, 'receive', delivery);
    const passage = this.#passage();
    return passage === 'go' ? this.#stage.receiving(this) : passage;
  }

  received(_member: Member, delivery: Delivery): void {
    this.#receivedAs.set(delivery.messageId, this.incarnation);
    this.#unacknowledged.add(delivery.messageId);
    this.#stage.received(this, delivery);
  }

  beforeAck(_member: Member, delivery: Delivery): Passage<'lose'> {
    this.#stage.step(this, 'ack', delivery);
    const passage = this.#passage();
    if (passage !== 'go') return passage;
    return this.#stage.losesAck(delivery) ? 'lose' : 'go';
  }

  acknowledged(_member: Member, delivery: Delivery): void {
    this.#unacknowledged.delete(delivery.messageId);
    this.#stage.acknowledged(this, delivery);
  }

  givenBack(_member: Member, delivery: Delivery): void {
    this.#unacknowledged.delete(delivery.messageId);
    this.#stage.givenBack(this, delivery);
  }

  beforeWrite(isGreeting: boolean): Passage {
    if (this.#receivedAs.size > 0 && !isGreeting) this.#stage.step(this, 'write', null);
    return this.#passage();
  }

  adopt(socket: WatchedSocket): void {
    this.#sockets.add(socket);
  }

  /** The incarnation that received the message; the present one for a message of somebody else's. */
  receiverOf(messageId: string): string {
    return this.#receivedAs.get(messageId) ?? this.incarnation;
  }

  #passage(): 'go' | 'never' | Promise<'go' | 'never'> {
    switch (this.#state) {
      case 'alive':
        return 'go';
      case 'dead':
        return 'never';
      case 'paused':
        return new Promise((resolve) => this.#heldUp.push(() => resolve('go')));
    }
  }

  #whenAlive(goOn: () => void): void {
    if (this.#state === 'alive') goOn();
    else if (this.#state === 'paused') this.#heldUp.push(goOn);
  }
}
