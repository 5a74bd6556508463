/**
 * The HTTP server of the user service, hardened: what a stranger can do to it is bounded here, and not in the routes.
 */
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { causeText, OrderlabError } from '../../shared/errors';
import {
  API_BODY_BYTES_MAX,
  API_CONNECTION_COUNT_MAX,
  API_IN_FLIGHT_COUNT_MAX,
  API_PRINCIPAL_RATE_MAX,
  API_REQUESTS_PER_SOCKET_MAX,
  API_USER_RATE_MAX,
  ARRIVAL_DEADLINE_MS,
  HANDLER_DEADLINE_MS,
  LOOP_DELAY_MS_MAX,
  RATE_WINDOW_MS,
} from './api-limits';
import type { Principal, Scope, Tokens } from './bearer-tokens';
import { takeJsonOnly } from './json-body';
import { sendProblem } from './problem';

export interface ApiLimits {
  readonly principalRateMax: number;
  readonly userRateMax: number;
  readonly inFlightCountMax: number;
  readonly arrivalDeadlineMs: number;
  /** 0: load is not shed. */
  readonly loopDelayMsMax: number;
}

export const API_LIMITS: ApiLimits = {
  principalRateMax: API_PRINCIPAL_RATE_MAX,
  userRateMax: API_USER_RATE_MAX,
  inFlightCountMax: API_IN_FLIGHT_COUNT_MAX,
  arrivalDeadlineMs: ARRIVAL_DEADLINE_MS,
  loopDelayMsMax: LOOP_DELAY_MS_MAX,
};

export interface ApiOptions {
  readonly tokens: Tokens;
  readonly limits: ApiLimits;
  /** Hears of our own defects: a line of JSON, in which no text of a client can begin another one. */
  readonly log: (thrown: unknown) => void;
}

const MAX_PARAM_LENGTH = 16 * 1024;

/** A route's handler gets who asks, and gives an answer or throws an error of the table. */
export type ApiHandler = (request: FastifyRequest, reply: FastifyReply, principal: Principal) => Promise<unknown>;

export class ApiServer {
  readonly server: FastifyInstance;
  private inFlightCount = 0;

  private constructor(private readonly options: ApiOptions) {
    this.server = fastify({
      requestTimeout: options.limits.arrivalDeadlineMs,
      connectionTimeout: options.limits.arrivalDeadlineMs * 2,
      handlerTimeout: HANDLER_DEADLINE_MS,
      keepAliveTimeout: ARRIVAL_DEADLINE_MS,
      maxRequestsPerSocket: API_REQUESTS_PER_SOCKET_MAX,
      bodyLimit: API_BODY_BYTES_MAX,
      forceCloseConnections: 'idle',
      return503OnClosing: true,
      onProtoPoisoning: 'error',
      onConstructorPoisoning: 'error',
      /** Longer than any request line: what is too long for a user is refused like everything else that is no user. */
      routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    });
    this.server.server.maxConnections = API_CONNECTION_COUNT_MAX;
    this.server.server.headersTimeout = options.limits.arrivalDeadlineMs;
  }

  /** With routes that `register` adds. Listen on it through `listen`. */
  static async open(options: ApiOptions, register: (api: ApiServer) => void): Promise<ApiServer> {
    const api = new ApiServer(options);
    const { server } = api;
    takeJsonOnly(server);
    await server.register(rateLimit, { global: false });
    await server.register(underPressure, { maxEventLoopDelay: options.limits.loopDelayMsMax });
    server.setErrorHandler((thrown, _request, reply) => api.fail(reply, thrown));
    server.setNotFoundHandler((_request, reply) => sendProblem(reply, new OrderlabError('ROUTE_NOT_FOUND', {})));
    register(api);
    return api;
  }

  /** Errors: PORT_IN_USE; USAGE for a host that is none of this machine's. */
  async listen(host: string, port: number): Promise<string> {
    try {
      return await this.server.listen({ host, port });
    } catch (thrown) {
      await this.server.close();
      const isTaken = typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'EADDRINUSE';
      if (isTaken) throw new OrderlabError('PORT_IN_USE', { port, host, option: '--port' }, thrown);
      throw new OrderlabError('USAGE', { problem: `--host ${host}, --port ${port}: ${causeText(thrown)}` }, thrown);
    }
  }

  /** No new request is taken; those under way are answered. */
  async close(): Promise<void> {
    await this.server.close();
  }

  /** A route for those whose token has the scope; every other method of the path is refused with 405. */
  route(method: 'GET' | 'POST', path: string, scope: Scope, handle: ApiHandler): void {
    const perPrincipal = this.server.createRateLimit({
      ...{ max: this.options.limits.principalRateMax, timeWindow: RATE_WINDOW_MS },
      keyGenerator: (request) => principalName(request, this.options.tokens),
    });
    const perUser = this.server.createRateLimit({
      ...{ max: this.options.limits.userRateMax, timeWindow: RATE_WINDOW_MS },
      keyGenerator: (request) => userOf(request),
    });
    const guarded = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const principal = this.admit(request, scope);
      requireRate('principal', await perPrincipal(request));
      requireRate('user', await perUser(request));
      return this.whileRoom(() => handle(request, reply, principal));
    };
    this.server.route({ method, url: path, handler: guarded });
    const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((other) => other !== method);
    this.server.route({
      ...{ method: others, url: path },
      /** Before a body is looked at. */
      onRequest: async () => {
        throw new OrderlabError('METHOD_NOT_ALLOWED', { allowed: method === 'GET' ? 'GET, HEAD' : method });
      },
      handler: async () => null,
    });
  }

  private admit({ headers }: FastifyRequest, scope: Scope): Principal {
    const principal = this.options.tokens.principalOf(headers.authorization);
    if (principal === null) throw new OrderlabError('UNAUTHENTICATED', {});
    if (!principal.scopes.includes(scope)) throw new OrderlabError('FORBIDDEN', { scope });
    return principal;
  }

  private async whileRoom<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.inFlightCount >= this.options.limits.inFlightCountMax) throw new OrderlabError('OVERLOADED', {});
    this.inFlightCount += 1;
    try {
      return await work();
    } finally {
      this.inFlightCount -= 1;
    }
  }

  private fail(reply: FastifyReply, thrown: unknown): FastifyReply {
    const sent = sendProblem(reply, thrown);
    if (reply.statusCode === 500) this.options.log(thrown);
    return sent;
  }
}

function principalName({ headers }: FastifyRequest, tokens: Tokens): string {
  return tokens.principalOf(headers.authorization)?.name ?? '';
}

function userOf({ params }: FastifyRequest): string {
  const user = typeof params === 'object' && params !== null && 'user' in params ? params.user : '';
  return String(user);
}

interface Rate {
  readonly isAllowed: boolean;
  readonly isExceeded?: boolean;
  readonly ttlInSeconds?: number;
}

function requireRate(subject: string, { isAllowed, isExceeded, ttlInSeconds }: Rate): void {
  if (isAllowed || isExceeded !== true) return;
  throw new OrderlabError('RATE_LIMITED', { subject, seconds: ttlInSeconds ?? 1 });
}
