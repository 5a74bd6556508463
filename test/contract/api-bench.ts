/** A broker's web port on the bench of the suite of its WebSocket API: a namespace a test, sockets that are ended after it. */
import { type Frame, RawSocket } from '../support/raw-socket';

export interface ApiAddress {
  /** `ws://HOST:PORT`. */
  readonly url: string;
  readonly adminUrl: string;
}

let namespaceCount = 0;

export class ApiBench {
  namespace = '';
  readonly #address: () => ApiAddress;
  readonly #sockets: RawSocket[] = [];

  constructor(address: () => ApiAddress) {
    this.#address = address;
  }

  async open(): Promise<void> {
    namespaceCount += 1;
    this.namespace = `public/api-${process.pid}-${namespaceCount}`;
    const retention = { retentionTimeInMinutes: -1, retentionSizeInMB: -1 };
    expect(await this.admin('PUT', `/namespaces/${this.namespace}`, { retention_policies: retention })).toBe(204);
    expect(await this.admin('PUT', `/persistent/${this.namespace}/t`)).toBe(204);
    expect(await this.admin('PUT', `/persistent/${this.namespace}/t/subscription/s`, 'earliest')).toBe(204);
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.splice(0).map((socket) => socket.end()));
    await this.admin('DELETE', `/namespaces/${this.namespace}?force=true`);
  }

  async admin(method: string, path: string, body?: unknown): Promise<number> {
    return (await this.adminAnswer(method, path, body)).status;
  }

  /** With what the broker says about it; empty where it says nothing. */
  async adminAnswer(method: string, path: string, body?: unknown): Promise<{ status: number; page: string }> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await fetch(`${this.#address().adminUrl}/admin/v2${path}`, { method, headers, body: text });
    return { status: answer.status, page: await answer.text() };
  }

  async backlog(): Promise<number> {
    const path = `/admin/v2/persistent/${this.namespace}/t/stats?getPreciseBacklog=true`;
    const answer = await fetch(`${this.#address().adminUrl}${path}`);
    const stats: { subscriptions: Record<string, { msgBacklog: number }> } = JSON.parse(await answer.text());
    return stats.subscriptions.s?.msgBacklog ?? -1;
  }

  async shake(kind: string, rest: string) {
    const shaken = await RawSocket.shake(`${this.#address().url}/ws/v2/${kind}/persistent/${this.namespace}/${rest}`);
    if (shaken.socket !== null) this.#sockets.push(shaken.socket);
    return shaken;
  }

  async connect(kind: string, rest: string): Promise<RawSocket> {
    const { socket, ...refusal } = await this.shake(kind, rest);
    if (socket === null) throw new Error(JSON.stringify(refusal));
    return socket;
  }

  /** Messages 0, 1, 2 … under the keys k0, k1, k2 …; resolves with their ids. */
  async publish(count: number, topic = 't'): Promise<readonly string[]> {
    const producer = await this.connect('producer', topic);
    for (let index = 0; index < count; index += 1) {
      const payload = Buffer.from(String(index)).toString('base64');
      producer.send({ payload, key: `k${index}`, context: String(index) });
    }
    const receipts = await producer.take(count);
    return [...receipts]
      .sort((left, right) => Number(left.context) - Number(right.context))
      .map(({ messageId }) => messageId ?? '');
  }
}

export function numbersOf(frames: readonly Frame[]): readonly number[] {
  return frames.map(({ payload }) => Number(Buffer.from(payload ?? '', 'base64').toString()));
}
