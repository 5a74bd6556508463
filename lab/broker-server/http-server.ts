/** HTTP server: limits, and every failure as the JSON that Pulsar's admin API answers with. */
import type { AddressInfo } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { causeText, ERRORS, OrderlabError } from '../../shared/errors';
import { INTERNAL_ERROR, NOT_FOUND, notServed, type Refusal, RefusedError } from './refusal';
import { ADMIN_BODY_BYTES_MAX } from './server-limits';

/** Whoever sends a request byte by byte is cut off. */
const REQUEST_TIMEOUT_MS = 10_000;
const PARAMETER_LENGTH_MAX = 512;

export function createHttpServer(): FastifyInstance {
  const server = fastify({
    bodyLimit: ADMIN_BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    forceCloseConnections: true,
  });
  acceptJson(server);
  server.setNotFoundHandler(({ method, url }) => {
    const [path = ''] = url.split('?');
    throw path.startsWith('/admin/') ? notServed(`${method} ${path}`) : new RefusedError(NOT_FOUND, 'Not Found');
  });
  server.setErrorHandler((thrown, _request, reply) => {
    const { status, problem } = refusalOf(thrown);
    return reply.code(status).send({ reason: problem });
  });
  return server;
}

/**
 * JSON and nothing else: `{}` sent as text would reach a handler as a text. Java's clients announce JSON and send none,
 * which Pulsar takes for no body.
 */
function acceptJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else void parse(request, String(body), done);
  });
}

function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof RefusedError) return thrown;
  if (thrown instanceof OrderlabError) return { status: ERRORS[thrown.code].httpStatus, problem: thrown.message };
  const status = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'statusCode') : undefined;
  return { status: typeof status === 'number' ? status : INTERNAL_ERROR, problem: causeText(thrown) };
}

/** The port that it listens on. Rejects with PORT_IN_USE. */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await server.listen({ host, port });
  } catch (thrown) {
    const isInUse = thrown instanceof Error && Reflect.get(thrown, 'code') === 'EADDRINUSE';
    if (!isInUse) throw thrown;
    throw new OrderlabError('PORT_IN_USE', { host, port, option: '--port' }, thrown);
  }
  return (server.server.address() as AddressInfo).port;
}
