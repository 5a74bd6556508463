/**
 * Fault board: what is done to a served broker on purpose. Nothing of it can be reached through Pulsar's own end points:
 * a client under test must not be able to tell, or to end, the fault that it is tested with.
 */
import type { Namespaces } from './namespaces';
import { NOT_FOUND, type Refusal, RefusedError, UNAVAILABLE } from './refusal';
import type { SessionName } from './session';
import type { Sessions } from './sessions';

/** Which connections; null fits all. */
export interface SessionPattern {
  readonly kind: SessionName['kind'] | null;
  readonly name: string | null;
  /** `tenant/namespace/topic`. */
  readonly topic: string | null;
}

export class FaultBoard {
  readonly #namespaces: Namespaces;
  #sessions: Sessions | null = null;
  #delayMs = 0;
  #isRefusing = false;

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  /** By how much every frame to a client is held back. */
  get delayMs(): number {
    return this.#delayMs;
  }

  get refusal(): Refusal | null {
    return this.#isRefusing ? { status: UNAVAILABLE, problem: 'the broker refuses connections (a fault)' } : null;
  }

  /** Where the connections are. */
  watch(sessions: Sessions): void {
    this.#sessions = sessions;
  }

  list(pattern: SessionPattern): readonly SessionName[] {
    return this.#matching(pattern).map(({ session }) => session.named);
  }

  /** Their connections break, without a goodbye. Returns how many. */
  drop(pattern: SessionPattern): number {
    const matching = this.#matching(pattern);
    for (const { socket } of matching) socket.cut();
    return matching.length;
  }

  /** Everybody on the topic is served anew: what is not acknowledged comes again. Throws RefusedError. */
  unload(topic: string): void {
    const [tenant, name, ...rest] = topic.split('/');
    const namespace = this.#namespaces.find(`${tenant}/${name}`);
    const fullName = namespace.fullName(rest.join('/'));
    if (namespace.partitionCount(fullName) === null) throw new RefusedError(NOT_FOUND, `Topic ${fullName} not found`);
    namespace.broker.unload(fullName);
  }

  /** All connections break, and what the broker kept in memory is forgotten. Messages stay. */
  restart(how: { readonly losesAcks: boolean }): number {
    for (const { broker } of this.#namespaces.all()) broker.restart(how);
    return this.drop({ kind: null, name: null, topic: null });
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Whoever is connected stays so; nobody else gets in while it lasts. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  #matching({ kind, name, topic }: SessionPattern) {
    return [...(this.#sessions?.all ?? [])].filter(({ session: { named } }) => {
      const isOnTopic = topic === null || named.topic === `persistent://${topic}`;
      return isOnTopic && (kind === null || named.kind === kind) && (name === null || named.name === name);
    });
  }
}
