/** Laps of the write side's bench: what one call costs, bare and with everything that makes it safe. */
import fastify from 'fastify';
import { connectRedis, type RedisConnection } from '../shared/adapters/redis-connection';
import { openRedisEventStore } from '../shared/adapters/redis-event-store';
import { seededIds, seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import type { Append } from '../shared/model/append';
import type { CommandRequest } from '../shared/model/command';
import { SCHEMA_VERSION } from '../shared/model/event';
import type { WriterSettings } from '../shared/model/write-side';
import { CAREFUL } from '../shared/scenarios/command-rounds';
import type { EventStore } from '../shared/write-ports';
import { API_LIMITS } from './api/api-server';
import { NO_TOKENS } from './api/bearer-tokens';
import { openUserApi } from './api/user-api';
import { LOOPBACK } from './metrics-server';
import { COMMAND_DEADLINE_MS, CONNECT_DEADLINE_MS } from './store-by-url';
import { fingerprintOf, openUserService } from './writer-crew';

/** Calls that are under way at a time. */
const LANE_COUNT = 64;
const MILLION = 1_000_000;

export interface WriteLap {
  readonly perSecond: number;
  /** Milliseconds that half of the calls, and all but one in a hundred, were faster than. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerCall: number;
  /** Calls on the store that one call made. */
  readonly roundTrips: number;
}

export interface WriteLapOptions {
  readonly storeUrl: string;
  /** Begins every key; nobody else's. */
  readonly keyPrefix: string;
  readonly callCount: number;
}

const deadlines = { connectDeadlineMs: CONNECT_DEADLINE_MS, commandDeadlineMs: COMMAND_DEADLINE_MS };

/** One `XADD` with the bytes that an append writes to its log, its indices and its request record, and nothing around it. */
export async function bareAppendLap({ storeUrl: url, keyPrefix, callCount }: WriteLapOptions): Promise<WriteLap> {
  const connection = await connectRedis({ url, ...deadlines }, async () => {});
  const key = `${keyPrefix}:w:{w}:bare`;
  const written = appendsOf(callCount).map(fieldsOf);
  const lap = await timed(callCount, (index) =>
    connection.call('a bare append', (redis) => redis.xadd(key, '*', ...(written[index] ?? []))),
  );
  await endOf(connection, key);
  return { ...lap, roundTrips: 1 };
}

/** A conditional append with request record, unique e-mail and outbox: one call of one script. */
export async function appendLap({ storeUrl: url, keyPrefix, callCount }: WriteLapOptions): Promise<WriteLap> {
  const store = await openRedisEventStore({ url, keyPrefix, ...deadlines });
  const appends = appendsOf(callCount);
  const lap = await timed(callCount, async (index) => {
    const append = appends[index];
    if (append !== undefined) await store.append(append);
  });
  await store.erase();
  await store.close();
  return { ...lap, roundTrips: 1 };
}

/** A route that sets one key and answers: what an HTTP service on this machine costs at least. */
export async function bareRouteLap({ storeUrl: url, keyPrefix, callCount }: WriteLapOptions): Promise<WriteLap> {
  const connection = await connectRedis({ url, ...deadlines }, async () => {});
  const key = `${keyPrefix}:w:{w}:bare`;
  const server = fastify();
  server.post('/users/:user/create', async (request, reply) => {
    await connection.call('a bare set', (redis) => redis.set(key, JSON.stringify(request.body)));
    return reply.code(202).send({ ok: true });
  });
  const lap = await driven(await server.listen({ host: LOOPBACK, port: 0 }), callCount);
  await server.close();
  await endOf(connection, key);
  return { ...lap, roundTrips: 1 };
}

/** The API: schema, limits, decision, conditional append. */
export async function apiLap({ storeUrl: url, keyPrefix, callCount }: WriteLapOptions): Promise<WriteLap> {
  const store = await openRedisEventStore({ url, keyPrefix, ...deadlines });
  const service = serviceOver(store, CAREFUL);
  const api = await openUserApi({
    ...{ tokens: NO_TOKENS, queries: null, log: () => {} },
    limits: { ...API_LIMITS, principalRateMax: MILLION, userRateMax: MILLION, loopDelayMsMax: 0 },
    submit: (request) => service.handle(request),
  });
  const lap = await driven(await api.listen(LOOPBACK, 0), callCount);
  await api.close();
  await store.erase();
  await store.close();
  return { ...lap, roundTrips: 0 };
}

/** Commands at an instance with these settings, without HTTP: what each remedy costs. */
export async function remedyLap(
  settings: WriterSettings,
  { storeUrl: url, keyPrefix, callCount }: WriteLapOptions,
): Promise<WriteLap> {
  const store = await openRedisEventStore({ url, keyPrefix, ...deadlines });
  let calls = 0;
  const counted: EventStore = Object.assign(Object.create(store) as EventStore, {
    append: (append: Append) => {
      calls += 1;
      return store.append(append);
    },
    read: (user: string, from: number, to: number) => {
      calls += 1;
      return store.read(user, from, to);
    },
  });
  const service = serviceOver(counted, settings);
  const users = Math.max(LANE_COUNT, Math.floor(callCount / 10));
  await timed(users, (index) => service.handle(creation(index)));
  calls = 0;
  const lap = await timed(callCount, (index) => service.handle(credit(index, users)));
  await store.erase();
  await store.close();
  return { ...lap, roundTrips: calls / callCount };
}

/** An instance of the user service, asked without HTTP. */
export function serviceOver(store: EventStore, settings: WriterSettings) {
  const shared = { writer: 'bench', settings, store, clock: systemClock, topic: 'users' } as const;
  const random = seededRandom('1');
  return openUserService({ ...shared, random, direct: null, crash: null, onDeath: () => {} }, async () => {});
}

/** The creation of `user-INDEX`. */
export function creation(index: number): CommandRequest {
  const user = `user-${index}`;
  const data = { name: user, email: `${user}@example.org` };
  const keys = { commandId: `create-${index}`, requestKey: `bench:create-${index}` };
  return { ...keys, expectedVersion: null, command: { type: 'create', user, data } };
}

function credit(index: number, users: number): CommandRequest {
  const keys = { commandId: `credit-${index}`, requestKey: `bench:credit-${index}` };
  const command = { type: 'credit', user: `user-${index % users}`, data: { amount: 1 } } as const;
  return { ...keys, expectedVersion: null, command };
}

/** Creations of as many users. */
export function appendsOf(count: number): readonly Append[] {
  const ids = seededIds(seededRandom('1'));
  return Array.from({ length: count }, (_, index) => {
    const user = `user-${index}`;
    const request = { key: `bench:create-${index}`, fingerprint: fingerprintOf(user), ttlMs: 86_400_000 };
    return {
      event: {
        ...{ id: ids.next(), type: 'UserCreated', user, sequence: 1, intendedAt: 1, schemaVersion: SCHEMA_VERSION },
        data: { name: user, email: `${user}@example.org` },
      },
      ...{
        readVersion: 0,
        guard: 'expected',
        uniqueEmail: true,
        request,
        commandId: `create-${index}`,
        writer: 'bench',
      },
    };
  });
}

/** What an append writes, as names and values: log entry, head, place, e-mail and request record. */
function fieldsOf({ event, readVersion, commandId, writer, request }: Append): readonly string[] {
  const { id, user, sequence } = event;
  const entry = `${JSON.stringify(event)}\n${JSON.stringify([readVersion, commandId, writer])}`;
  const email = `${user}@example.org`;
  const record = `${request?.fingerprint} ${sequence} ${id}`;
  return ['e', entry, user, `${sequence} ${email}`, `${user} ${sequence}`, id, email, user, request?.key ?? '', record];
}

/** The same client for both routes, in this process: what it costs stands in both laps, and draws their ratio towards 1. */
function driven(url: string, callCount: number): Promise<Omit<WriteLap, 'roundTrips'>> {
  return timed(callCount, async (index) => {
    const user = `user-${index}`;
    const response = await fetch(`${url}/users/${user}/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `create-${index}` },
      body: JSON.stringify({ name: user, email: `${user}@example.org` }),
    });
    await response.arrayBuffer();
  });
}

/** As many calls, with a fixed number of them under way at a time. */
export async function timed(
  callCount: number,
  call: (index: number) => Promise<unknown>,
): Promise<Omit<WriteLap, 'roundTrips'>> {
  const latenciesMs: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < callCount; index = next++) {
      const startedMs = performance.now();
      await call(index);
      latenciesMs.push(performance.now() - startedMs);
    }
  };
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: LANE_COUNT }, lane));
  const elapsedMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  latenciesMs.sort((left, right) => left - right);
  const at = (share: number): number => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
  return {
    perSecond: (callCount * 1_000) / elapsedMs,
    ...{ p50Ms: at(0.5), p99Ms: at(0.99), cpuMicrosPerCall: (user + system) / callCount },
  };
}

async function endOf(connection: RedisConnection, key: string): Promise<void> {
  await connection.call('the removal of a key', (redis) => redis.unlink(key));
  await connection.close();
}
