/** What the HTTP server itself bounds, before any route is asked. */
import {
  API_CONNECTION_COUNT_MAX,
  API_REQUESTS_PER_SOCKET_MAX,
  ARRIVAL_DEADLINE_MS,
  HANDLER_DEADLINE_MS,
} from '../../../lab/api/api-limits';
import { API_LIMITS, ApiServer } from '../../../lab/api/api-server';
import { NO_TOKENS } from '../../../lab/api/bearer-tokens';

it('has a limit for everything that a client decides about', async () => {
  const { server: api } = await ApiServer.open({ tokens: NO_TOKENS, limits: API_LIMITS, log: () => {} }, () => {});
  await api.ready();
  const { maxConnections, maxRequestsPerSocket, requestTimeout, headersTimeout, keepAliveTimeout } = api.server;
  expect({ maxConnections, maxRequestsPerSocket, requestTimeout, headersTimeout, keepAliveTimeout }).toEqual({
    ...{ maxConnections: API_CONNECTION_COUNT_MAX, maxRequestsPerSocket: API_REQUESTS_PER_SOCKET_MAX },
    ...{ requestTimeout: ARRIVAL_DEADLINE_MS, headersTimeout: ARRIVAL_DEADLINE_MS },
    keepAliveTimeout: ARRIVAL_DEADLINE_MS,
  });
  expect(api.initialConfig).toMatchObject({ handlerTimeout: HANDLER_DEADLINE_MS });
  await api.close();
});
