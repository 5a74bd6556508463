/**
 * Fault port: the fault board behind HTTP, on a port of its own that only this machine reaches, for whoever has the token.
 * POST only, and the token in a header: no page in a browser can send that.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { FaultBoard } from './fault-board';
import { createHttpServer, listen } from './http-server';
import { BAD_REQUEST, RefusedError } from './refusal';
import { FAULT_DELAY_MS_MAX } from './server-limits';

const LOOPBACK = '127.0.0.1';
const TOKEN_BYTES = 24;
const UNAUTHORIZED = 401;

const text = z.string().min(1).max(512);
const patternSchema = z.strictObject({
  kind: z.enum(['producer', 'consumer', 'reader']).nullable().default(null),
  name: text.nullable().default(null),
  topic: text.nullable().default(null),
});

export interface FaultPort {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/** `onFault` hears of each fault before it is done: it is said where the broker runs. */
export async function openFaultPort(board: FaultBoard, onFault: (fault: string) => void): Promise<FaultPort> {
  const server = createHttpServer();
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const expected = Buffer.from(`Bearer ${token}`);
  server.addHook('onRequest', async ({ headers }) => {
    const given = Buffer.from(headers.authorization ?? '');
    const isKnown = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isKnown) throw new RefusedError(UNAUTHORIZED, 'the token of the control file is needed');
  });
  registerFaults(server, board, onFault);
  const port = await listen(server, LOOPBACK, 0);
  return { url: `http://${LOOPBACK}:${port}`, token, close: () => server.close() };
}

function registerFaults(server: FastifyInstance, board: FaultBoard, onFault: (fault: string) => void): void {
  const post = <T>(name: string, schema: z.ZodType<T>, act: (asked: T) => object): void => {
    server.post(`/${name}`, ({ body }) => {
      const asked = read(schema, body ?? {});
      if (name !== 'list') onFault(`${name} ${JSON.stringify(asked)}`);
      return act(asked);
    });
  };
  post('list', patternSchema, (pattern) => ({ connections: board.list(pattern) }));
  post('drop', patternSchema, (pattern) => ({ droppedCount: board.drop(pattern) }));
  post('unload', z.strictObject({ topic: text }), ({ topic }) => {
    board.unload(topic);
    return {};
  });
  post('restart', z.strictObject({ losesAcks: z.boolean() }), (how) => ({ droppedCount: board.restart(how) }));
  post('delay', z.strictObject({ ms: z.number().int().min(0).max(FAULT_DELAY_MS_MAX) }), ({ ms }) => {
    board.delay(ms);
    return {};
  });
  post('refuse', z.strictObject({ isRefusing: z.boolean() }), ({ isRefusing }) => {
    board.refuse(isRefusing);
    return {};
  });
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RefusedError(BAD_REQUEST, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
