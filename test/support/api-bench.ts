/** One instance of the user service behind its HTTP API, on a loopback port, over an event store in this process. */

import { createHash } from 'node:crypto';
import { openReader } from '../../consumers/reader';
import type { ApiLimits } from '../../lab/api/api-server';
import { API_LIMITS, type ApiServer } from '../../lab/api/api-server';
import { NO_TOKENS, type Tokens } from '../../lab/api/bearer-tokens';
import { openUserApi } from '../../lab/api/user-api';
import { openUserService } from '../../lab/writer-crew';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { systemClock } from '../../shared/adapters/system-clock';
import type { StateBody } from '../../shared/model/history';
import { CAREFUL } from '../../shared/scenarios/command-rounds';
import type { EventStore } from '../../shared/write-ports';

export interface ApiBenchOptions {
  readonly tokens?: Tokens;
  readonly limits?: Partial<ApiLimits>;
  /** Shared by instances that are scaled; default: one of its own. */
  readonly store?: EventStore;
  /** Stands in front of a command; default: nothing. */
  readonly hold?: () => Promise<void>;
}

/** What an answer is looked at for. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export class ApiBench {
  readonly logged: unknown[] = [];
  /** The read model: what the test puts in. */
  readonly states = new Map<string, StateBody>();

  private constructor(
    readonly url: string,
    readonly store: EventStore,
    private readonly api: ApiServer,
  ) {}

  static async open({ tokens = NO_TOKENS, limits = {}, store, hold }: ApiBenchOptions = {}): Promise<ApiBench> {
    const events = store ?? openEmbeddedEventStore(systemClock);
    const service = openUserService(
      {
        ...{ writer: 'w1', settings: CAREFUL, store: events, clock: systemClock, random: seededRandom('7') },
        ...{ topic: 'users', direct: null, crash: null, onDeath: () => {} },
      },
      async () => {},
    );
    const holder: { bench: ApiBench | null } = { bench: null };
    const model = { stateOf: async (user: string) => holder.bench?.states.get(user) ?? null };
    const api = await openUserApi({
      tokens,
      limits: { ...API_LIMITS, loopDelayMsMax: 0, ...limits },
      log: (thrown) => holder.bench?.logged.push(thrown),
      submit: async (request) => {
        await hold?.();
        return service.handle(request);
      },
      queries: openReader(model, systemClock),
    });
    holder.bench = new ApiBench(await api.listen('127.0.0.1', 0), events, api);
    return holder.bench;
  }

  close(): Promise<void> {
    return this.api.close();
  }

  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const key = createHash('sha256')
      .update(path + text)
      .digest('hex');
    const sent = { 'content-type': 'application/json', 'idempotency-key': key, ...headers };
    return answerOf(await fetch(this.url + path, { method: 'POST', headers: sent, body: text }));
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return answerOf(await fetch(this.url + path, { headers }));
  }

  /** As if a projector had applied the user's event. */
  show(user: string, version: number): void {
    const fields = { name: user, email: `${user}@example.org`, balance: 0, deleted: false };
    this.states.set(user, { stream: 'State', type: 'user', user, fields, version, lastEventId: null, chain: 0 });
  }
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = (headers.get('content-type') ?? '').includes('json');
  return { status, headers, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}
