/**
 * Metrics server: `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever starts processes, on a port of its own.
 *
 * Loopback unless told otherwise: what a process counts is nobody's business outside its network. It takes no body and
 * changes nothing.
 */
import fastify, { type FastifyInstance } from 'fastify';
import type { MetricSheet } from '../shared/adapters/prometheus-sheet';
import { causeText, OrderlabError } from '../shared/errors';
import { METRICS_CONNECTION_COUNT_MAX } from './load/load-limits';

export interface MetricsServerOptions {
  readonly sheet: MetricSheet;
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** False while the process is not, or no longer, at work: `/readyz` answers 503. */
  readonly isReady: () => boolean;
}

export interface MetricsServer {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Where it listens unless told otherwise. */
export const LOOPBACK = '127.0.0.1';
/** A request is a line and its headers: one that takes longer to arrive is ended. */
const REQUEST_DEADLINE_MS = 5_000;
const UNAVAILABLE = 503;

/** Errors: PORT_IN_USE; USAGE for a host that is none of this machine's. */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port } = options;
  const server = routesOf(options);
  server.server.maxConnections = METRICS_CONNECTION_COUNT_MAX;
  try {
    const url = await server.listen({ host, port });
    return { url, close: () => server.close() };
  } catch (thrown) {
    await server.close();
    const isTaken = typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'EADDRINUSE';
    if (isTaken) throw new OrderlabError('PORT_IN_USE', { port, host, option: '--metrics-port' }, thrown);
    const problem = `--metrics-host ${host}, --metrics-port ${port}: ${causeText(thrown)}`;
    throw new OrderlabError('USAGE', { problem }, thrown);
  }
}

function routesOf({ sheet, isReady }: MetricsServerOptions): FastifyInstance {
  const server = fastify({
    ...{ requestTimeout: REQUEST_DEADLINE_MS, connectionTimeout: REQUEST_DEADLINE_MS, bodyLimit: 1 },
    forceCloseConnections: true,
  });
  server.removeAllContentTypeParsers();
  server.get('/metrics', async (_request, reply) => {
    const text = await sheet.text();
    return reply.type(sheet.contentType).send(text);
  });
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (_request, reply) =>
    isReady() ? reply.send({ status: 'ready' }) : reply.code(UNAVAILABLE).send({ status: 'not-ready' }),
  );
  return server;
}
