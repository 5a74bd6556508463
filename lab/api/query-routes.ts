/** Routes for reads: the read model as it is, or as of a version. */
import { READ_DEADLINE_MS } from '../../consumers/reader';
import { OrderlabError } from '../../shared/errors';
import type { QueryPort } from '../../shared/write-ports';
import type { ApiServer } from './api-server';
import { checked, headerOf, wantedWaitMs } from './command-routes';
import { userSchema, versionSchema } from './schemas';

const NOT_MODIFIED = 304;

export function addQueryRoutes(api: ApiServer, queries: QueryPort): void {
  api.route('GET', '/users/:user', 'read', async (request, reply) => {
    const user = userIn(request.params);
    const { 'min-version': asked } = request.query as Readonly<Record<string, unknown>>;
    const atLeast = asked === undefined ? null : Number(checked(versionSchema, asked, 'min-version'));
    const state = await queries.read(user, atLeast, wantedWaitMs(request) ?? READ_DEADLINE_MS);
    if (state === null) throw new OrderlabError('USER_NOT_FOUND', { user });
    reply.header('etag', `"${state.version}"`).header('cache-control', 'no-cache');
    if (headerOf(request, 'if-none-match') === `"${state.version}"`) return reply.code(NOT_MODIFIED).send();
    return { user, version: state.version, ...state.fields };
  });
  api.route('GET', '/users/:user/versions/:version', 'read', async (request) => {
    const user = userIn(request.params);
    const { version: asked } = request.params as Readonly<Record<string, unknown>>;
    const sequence = Number(checked(versionSchema, asked, 'version'));
    const version = (await queries.read(user, null))?.version ?? 0;
    return { user, sequence, state: version >= sequence ? 'visible' : 'pending', version };
  });
}

function userIn(params: unknown): string {
  const { user } = params as Readonly<Record<string, unknown>>;
  return checked(userSchema, user, 'user');
}
