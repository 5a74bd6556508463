/** The API of one instance: its routes, and what it says of itself. */
import type { QueryPort } from '../../shared/write-ports';
import { installation } from '../installation';
import { type ApiOptions, ApiServer } from './api-server';
import { addCommandRoutes, type CommandRoutes } from './command-routes';
import { openApi } from './openapi';
import { addQueryRoutes } from './query-routes';

export interface UserApiOptions extends ApiOptions {
  /** null: no commands here. */
  readonly submit: CommandRoutes['submit'] | null;
  /** As of the routes. Default null. */
  readonly post?: CommandRoutes['post'];
  /** null: no reads here. */
  readonly queries: QueryPort | null;
}

/** What it says of itself is for everybody: it names no user. */
export function openUserApi({ submit, post = null, queries, ...options }: UserApiOptions): Promise<ApiServer> {
  const described = openApi(
    { commands: submit !== null, posts: post !== null, queries: queries !== null },
    installation.versions.orderlab,
  );
  return ApiServer.open(options, (api) => {
    if (submit !== null) addCommandRoutes(api, { submit, post, queries });
    if (queries !== null) addQueryRoutes(api, queries);
    api.server.get('/openapi.json', () => described);
    api.server.get('/docs', (_request, reply) =>
      reply.type('text/html; charset=utf-8').headers(PAGE_HEADERS).send(page(described)),
    );
  });
}

/** Nothing but the page itself: no script, no style from elsewhere, no frame. */
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

type Described = ReturnType<typeof openApi>;

/** A table of what there is, for people; programs read /openapi.json. */
function page({ paths }: Described): string {
  const rows = Object.entries(paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, responses }]) => {
      const answers = Object.entries(responses).map(([status, { description }]) => `${status} ${description}`);
      return `<tr><td><code>${method.toUpperCase()} ${escaped(path)}</code></td><td>${escaped(summary)}</td><td>${answers.map(escaped).join('<br>')}</td></tr>`;
    }),
  );
  const style =
    'body{font:16px sans-serif;margin:2em}td,th{border:1px solid;padding:.4em;vertical-align:top;text-align:left}';
  const head = `<!doctype html><html lang="en"><head><title>orderlab user service</title><style>${style}</style></head>`;
  return `${head}<body><h1>orderlab user service</h1><p><a href="/openapi.json">openapi.json</a></p><table><tr><th>request</th><th>meaning</th><th>answers</th></tr>${rows.join('')}</table></body></html>`;
}

interface Operation {
  readonly summary: string;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
