/**
 * Store faults: what a plan does to the store of its run, and the store that lets it be done.
 *
 * The embedded store does them itself. A real one is killed and cut off from outside: then it is a server of the run's
 * own, since nobody else's may be killed, and calls go through a proxy that loses what it is told to lose.
 */

import { beginningOf } from '../shared/adapters/redis-call';
import { OrderlabError } from '../shared/errors';
import { invariant, unreachable } from '../shared/model/invariant';
import type { Plan } from '../shared/model/plan';
import { type StoreFault, storeFaultsOf } from './fault-arm';
import { RedisStandalone } from './redis-standalone';
import { TcpProxy } from './tcp-proxy';
import type { Place } from './world';

export interface StoreFaults {
  /** Resolves when it has struck and is over: after a restart the server answers again. */
  strike(fault: StoreFault): Promise<void>;
}

type Restart = Extract<StoreFault, { readonly kind: 'store-restart' }>;

const REDIS_PORT = 6379;

/**
 * Lets `work` happen with a store that the plan's faults can be done to; `faults` null: the store that it opens does
 * them. Errors: USAGE, and those of RedisStandalone.open.
 */
export async function onBreakableStore<T>(
  place: Place,
  plan: Plan,
  work: (place: Place, faults: StoreFaults | null) => Promise<T>,
): Promise<T> {
  const planned = storeFaultsOf(plan.faults);
  if (planned.length === 0 || place.storeUrl === 'embedded:') return work(place, null);
  const restarts = planned.filter((fault) => fault.kind === 'store-restart');
  const [first] = restarts;
  const server = first === undefined ? null : await RedisStandalone.openLogged(first.appendFsync);
  try {
    const url = server?.url ?? place.storeUrl;
    const proxy = planned.length > restarts.length ? await TcpProxy.open(targetOf(url)) : null;
    try {
      const faults = new RedisFaults(server, proxy, restarts);
      return await work({ ...place, storeUrl: proxy === null ? url : throughProxy(url, proxy) }, faults);
    } finally {
      await proxy?.close();
    }
  } finally {
    await server?.stop();
  }
}

class RedisFaults implements StoreFaults {
  constructor(
    private readonly server: RedisStandalone | null,
    private readonly proxy: TcpProxy | null,
    private readonly restarts: readonly Restart[],
  ) {}

  async strike(fault: StoreFault): Promise<void> {
    switch (fault.kind) {
      case 'store-restart':
        return this.restart(fault);
      case 'store-reply-lost':
        this.proxy?.loseReplies(beginningOf(fault.outcome), fault.times);
        return;
      default:
        return unreachable(fault, 'store fault');
    }
  }

  /** It starts again as the next restart wants to find it. */
  private async restart(fault: Restart): Promise<void> {
    const { server } = this;
    invariant(server !== null, 'a plan with restarts has a server of its own');
    await server.kill();
    server.keepLog(fault.keptShare);
    const { appendFsync } = this.restarts[this.restarts.indexOf(fault) + 1] ?? fault;
    await server.start(['--appendfsync', appendFsync]);
  }
}

function targetOf(url: string): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = parsed(url);
  if (protocol !== 'redis:') {
    const problem = `what is encrypted cannot be lost by what it says: the plan loses replies, so --store is redis://…`;
    throw new OrderlabError('USAGE', { problem });
  }
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || REDIS_PORT) };
}

/** The same store with user, password and database, by way of the proxy. */
function throughProxy(url: string, { port }: TcpProxy): string {
  const address = parsed(url);
  address.hostname = '127.0.0.1';
  address.port = String(port);
  return address.href;
}

function parsed(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new OrderlabError('USAGE', { problem: '--store is no address: redis://[USER:PASSWORD@]HOST[:PORT]' });
}
