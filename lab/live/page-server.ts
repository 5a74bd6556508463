/** Page server: the live page on a port of loopback. It opens nothing by itself, and ends with its caller. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { causeText, OrderlabError } from '../../shared/errors';
import { invariant } from '../../shared/model/invariant';
import type { Clock } from '../../shared/ports';
import { takeJsonOnly } from '../api/json-body';
import { sendProblem } from '../api/problem';
import { LOOPBACK } from '../metrics-server';
import { readPageCommand } from './page-command';
import { pageFile } from './page-files';
import { PAGE_HEADERS, PageGuard } from './page-guard';
import { PAGE_BODY_BYTES_MAX, PAGE_COUNT_MAX } from './page-limits';
import type { PageSession } from './page-session';
import { StateStream } from './state-stream';

/** A request is a line, its headers and a few bytes: one that takes longer to arrive is ended. */
const REQUEST_DEADLINE_MS = 5_000;
/** A browser opens several for one page. */
const CONNECTIONS_PER_PAGE = 8;
const ACCEPTED = 202;

export interface PageServerOptions {
  /** Made with what it calls when its state is another one. */
  readonly open: (changed: () => void) => PageSession;
  readonly clock: Clock;
  /** 0: any free one. */
  readonly port: number;
}

export class PageServer {
  readonly session: PageSession;
  private readonly guard = new PageGuard();
  private readonly stream: StateStream;
  private readonly server: FastifyInstance;

  private constructor(options: PageServerOptions) {
    this.session = options.open(() => this.stream.changed());
    this.stream = new StateStream(options.clock, () => this.session.state);
    this.server = fastify({
      ...{ requestTimeout: REQUEST_DEADLINE_MS, bodyLimit: PAGE_BODY_BYTES_MAX, forceCloseConnections: true },
      ...{ onProtoPoisoning: 'error', onConstructorPoisoning: 'error' },
    });
    this.server.server.maxConnections = PAGE_COUNT_MAX * CONNECTIONS_PER_PAGE;
    this.addRoutes();
  }

  /** Errors: PORT_IN_USE. */
  static async listen(options: PageServerOptions): Promise<PageServer> {
    const page = new PageServer(options);
    const { port } = options;
    try {
      await page.server.listen({ host: LOOPBACK, port });
      return page;
    } catch (thrown) {
      await page.server.close();
      const isTaken = typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'EADDRINUSE';
      if (isTaken) throw new OrderlabError('PORT_IN_USE', { port, host: LOOPBACK, option: '--port' }, thrown);
      throw new OrderlabError('USAGE', { problem: `--port ${port}: ${causeText(thrown)}` }, thrown);
    }
  }

  /** `http://127.0.0.1:43121/`. */
  get url(): string {
    return `http://${LOOPBACK}:${this.port}/`;
  }

  async close(): Promise<void> {
    this.stream.close();
    await this.server.close();
  }

  private get port(): number {
    const [address] = this.server.addresses();
    invariant(typeof address === 'object', 'who is asked for its port listens');
    return address.port;
  }

  private addRoutes(): void {
    const { server } = this;
    takeJsonOnly(server);
    server.addHook('onRequest', async (request, reply) => {
      reply.headers(PAGE_HEADERS);
      this.guard.admit(request, this.port);
    });
    server.setErrorHandler((thrown, _request, reply) => sendProblem(reply, thrown));
    server.setNotFoundHandler((_request, reply) => sendProblem(reply, new OrderlabError('ROUTE_NOT_FOUND', {})));
    server.get('/states', (request, reply) => this.show(request, reply));
    server.get('/*', (request, reply) => this.sendFile(request, reply));
    server.post('/commands', async (request, reply) => {
      this.session.command(readPageCommand(request.body));
      return reply.code(ACCEPTED).send({ accepted: true });
    });
  }

  private sendFile({ url }: FastifyRequest, reply: FastifyReply): FastifyReply {
    const file = pageFile(url.split('?')[0] ?? '', this.guard.token);
    if (file === null) return sendProblem(reply, new OrderlabError('ROUTE_NOT_FOUND', {}));
    return reply.type(file.type).send(file.text);
  }

  private show(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (this.stream.readerCount >= PAGE_COUNT_MAX) return sendProblem(reply, new OrderlabError('OVERLOADED', {}));
    reply.hijack();
    reply.raw.writeHead(200, { ...PAGE_HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
    this.stream.add(reply.raw);
    this.session.opened();
    return reply;
  }
}
