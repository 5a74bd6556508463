/**
 * A store behind a socket, for consumers under the kit where there is no Redis: one JSON line a request, one an answer, in
 * order. Each request is one atomic step, so that what takes two requests can be cut in between.
 */
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';

export type StoreRequest =
  | { readonly ask: 'claim'; readonly id: string }
  /** With a sequence it is journalled. */
  | { readonly ask: 'add'; readonly user: string; readonly amount: number; readonly sequence?: number }
  /** Claim and add in one. */
  | { readonly ask: 'add-once'; readonly id: string; readonly user: string; readonly amount: number }
  /** Accepts the user's next sequence only. */
  | { readonly ask: 'add-next'; readonly user: string; readonly sequence: number; readonly amount: number };

export class LineStore {
  readonly balances = new Map<string, number>();
  readonly journal = new Map<string, number[]>();
  readonly #claimed = new Set<string>();
  readonly #sequences = new Map<string, number>();
  readonly #server: Server;
  port = 0;

  constructor() {
    this.#server = createServer((socket) => {
      linesOf(socket).on('line', (line) => {
        socket.write(`${JSON.stringify(this.#answer(JSON.parse(line) as StoreRequest))}\n`);
      });
    });
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  empty(): void {
    for (const each of [this.balances, this.journal, this.#claimed, this.#sequences]) each.clear();
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: StoreRequest): boolean | string {
    switch (request.ask) {
      case 'claim':
        return this.#claim(request.id);
      case 'add':
        return this.#add(request.user, request.amount, request.sequence);
      case 'add-once':
        return this.#claim(request.id) && this.#add(request.user, request.amount);
      case 'add-next':
        return this.#addNext(request.user, request.sequence, request.amount);
    }
  }

  #claim(id: string): boolean {
    const isNew = !this.#claimed.has(id);
    this.#claimed.add(id);
    return isNew;
  }

  #add(user: string, amount: number, sequence?: number): true {
    if (sequence !== undefined) this.journal.set(user, [...(this.journal.get(user) ?? []), sequence]);
    this.balances.set(user, (this.balances.get(user) ?? 0) + amount);
    return true;
  }

  #addNext(user: string, sequence: number, amount: number): string {
    const last = this.#sequences.get(user) ?? 0;
    if (sequence !== last + 1) return sequence <= last ? 'done' : 'early';
    this.#sequences.set(user, sequence);
    this.#add(user, amount, sequence);
    return 'applied';
  }
}

/** One consumer's connection. */
export class LineClient {
  readonly #socket: Socket;
  readonly #waiting: ((answer: unknown) => void)[] = [];

  constructor(port: number) {
    this.#socket = createConnection(port, '127.0.0.1');
    linesOf(this.#socket).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line)));
  }

  ask(request: StoreRequest): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }
}

/** A process that is killed resets its connection: readline tells of that a second time, beside the socket. */
function linesOf(socket: Socket): Interface {
  socket.on('error', () => {});
  return createInterface({ input: socket }).on('error', () => {});
}
