/** Routes for commands: each a POST with an idempotency key, answered when its event is committed. */
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { PostedCommand } from '../../producers/command-gateway';
import { OrderlabError } from '../../shared/errors';
import {
  COMMAND_TYPES,
  type CommandReceipt,
  type CommandRequest,
  type CommandType,
  type UserCommand,
} from '../../shared/model/command';
import type { QueryPort } from '../../shared/write-ports';
import { WAIT_SECONDS_MAX } from './api-limits';
import type { ApiServer } from './api-server';
import type { Principal } from './bearer-tokens';
import { PostedCommands } from './posted-commands';
import { COMMAND_BODIES, requestKeySchema, userSchema, versionTagSchema } from './schemas';

export interface CommandRoutes {
  submit(request: CommandRequest): Promise<CommandReceipt>;
  /** Stores the command where it will be executed, for clients that do not wait (`Prefer: respond-async`); null: nowhere. */
  readonly post: ((request: CommandRequest) => Promise<PostedCommand>) | null;
  /** Where `Prefer: wait` looks; null: this instance has no read model, and answers at once. */
  readonly queries: QueryPort | null;
}

const ACCEPTED = 202;
/** Set by an instance that sends a command on: whoever gets it answers, and sends it nowhere. A client that sets it asks for no more than that. */
export const FORWARDED_HEADER = 'orderlab-forwarded';

export function addCommandRoutes(api: ApiServer, routes: CommandRoutes): void {
  const posted = new PostedCommands();
  const { post } = routes;
  if (post !== null)
    api.route('GET', '/commands/:key', 'write', async (request, _reply, principal) => {
      const { key } = request.params as { readonly key: string };
      return posted.statusOf(requestKeyOf(principal, key));
    });
  for (const type of COMMAND_TYPES)
    api.route('POST', `/users/:user/${type}`, 'write', async (request, reply, principal) => {
      const asked = commandRequest(type, request, principal);
      if (post !== null && wantsNoWait(request)) {
        const { receipt } = await post(asked);
        posted.follow(requestKeyOf(principal, asked.commandId), receipt);
        const status = `/commands/${encodeURIComponent(asked.commandId)}`;
        reply.code(ACCEPTED).header('location', status).header('preference-applied', 'respond-async');
        return { state: 'pending', status };
      }
      const receipt = await routes.submit(asked);
      const { user, eventId, sequence, replayed } = receipt;
      const status = `/users/${user}/versions/${sequence}`;
      if (await isVisible(routes, request, receipt)) reply.header('preference-applied', 'wait');
      reply.code(ACCEPTED).header('etag', `"${sequence}"`).header('location', status);
      return { user, eventId, sequence, replayed, status };
    });
}

/** One principal's key never meets another's. */
function requestKeyOf({ name }: Principal, key: string): string {
  return `${name}:${key}`;
}

/** `Prefer: respond-async` (RFC 7240): the client does not wait for the command to be executed. */
function wantsNoWait(request: FastifyRequest): boolean {
  return /(?:^|[,;]\s*)respond-async(?=$|[,;\s])/.test(headerOf(request, 'prefer') ?? '');
}

function commandRequest(type: CommandType, request: FastifyRequest, principal: Principal): CommandRequest {
  const { user } = request.params as { readonly user: string };
  const key = headerOf(request, 'idempotency-key');
  if (!requestKeySchema.safeParse(key).success) throw new OrderlabError('REQUEST_KEY_MISSING', {});
  const tag = headerOf(request, 'if-match');
  return {
    commandId: String(key),
    requestKey: requestKeyOf(principal, String(key)),
    expectedVersion: tag === null ? null : Number(checked(versionTagSchema, tag, 'If-Match').slice(1, -1)),
    ...(headerOf(request, FORWARDED_HEADER) === null ? {} : { isForwarded: true }),
    command: {
      type,
      user: checked(userSchema, user, 'user'),
      data: checked(COMMAND_BODIES[type], request.body ?? {}, 'body'),
    } as UserCommand,
  };
}

/** Whether the read model has come to the event by the time that the client is willing to wait. */
async function isVisible(
  { queries }: CommandRoutes,
  request: FastifyRequest,
  { user, sequence }: CommandReceipt,
): Promise<boolean> {
  const waitMs = wantedWaitMs(request);
  if (waitMs === null || queries === null) return false;
  try {
    await queries.read(user, sequence, waitMs);
    return true;
  } catch (thrown) {
    /** The command is accepted, whatever becomes of the wait. */
    if (thrown instanceof OrderlabError) return false;
    throw thrown;
  }
}

/** `Prefer: wait` or `wait=N` seconds (RFC 7240); null: the client has no such wish. */
export function wantedWaitMs(request: FastifyRequest): number | null {
  const wish = /(?:^|[,;]\s*)wait(?:=(\d{1,3}))?(?=$|[,;\s])/.exec(headerOf(request, 'prefer') ?? '');
  return wish === null ? null : Math.min(Number(wish[1] ?? WAIT_SECONDS_MAX), WAIT_SECONDS_MAX) * 1_000;
}

export function headerOf({ headers }: FastifyRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

/** Throws REQUEST_INVALID with the place of the first problem, and nothing of what was sent. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [what, ...(issue?.path ?? [])].map(String).join('.');
  throw new OrderlabError('REQUEST_INVALID', { problem: `${place}: ${issue?.message ?? 'is not what it should be'}` });
}
