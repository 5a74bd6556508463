/** Namespaces of a served broker, by name. `public/default` is there from the start, as in a standalone. */
import type { EmbeddedBrokerOptions } from '../../shared/adapters/embedded-broker';
import { NOT_FOUND, RefusedError } from './refusal';
import { type NamespacePolicies, ServedNamespace } from './served-namespace';

const OPEN: NamespacePolicies = { createsTopics: true, createsSubscriptions: true };

export class Namespaces {
  readonly tenants = new Set(['public']);
  readonly #options: EmbeddedBrokerOptions;
  readonly #byName = new Map<string, ServedNamespace>();

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    this.create('public/default', OPEN);
  }

  /** False: it was there already. */
  create(name: string, policies: Partial<NamespacePolicies>): boolean {
    if (this.#byName.has(name)) return false;
    this.#byName.set(name, new ServedNamespace(name, { ...OPEN, ...policies }, this.#options));
    return true;
  }

  /** Throws RefusedError, 404. */
  find(name: string): ServedNamespace {
    const found = this.#byName.get(name);
    if (found === undefined) throw new RefusedError(NOT_FOUND, 'Namespace not found');
    return found;
  }

  namesOf(tenant: string): readonly string[] {
    return [...this.#byName.keys()].filter((name) => name.startsWith(`${tenant}/`));
  }

  all(): IterableIterator<ServedNamespace> {
    return this.#byName.values();
  }

  /** With everything in it. Who is connected stays connected and gets nothing any more. False: there is none. */
  async delete(name: string): Promise<boolean> {
    const namespace = this.#byName.get(name);
    this.#byName.delete(name);
    await namespace?.broker.close();
    return namespace !== undefined;
  }

  async close(): Promise<void> {
    for (const name of [...this.#byName.keys()]) await this.delete(name);
  }
}
