/** The API described by itself: OpenAPI 3.1, printed from the schemas that check requests and the table of errors. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../shared/errors';
import { COMMAND_TYPES, type CommandType } from '../../shared/model/command';
import {
  COMMAND_BODIES,
  COMMAND_MEANINGS,
  commandStatusSchema,
  preferSchema,
  problemSchema,
  receiptSchema,
  requestKeySchema,
  stateSchema,
  statusSchema,
  userSchema,
  versionSchema,
  versionTagSchema,
} from './schemas';

type Json = Readonly<Record<string, unknown>>;

/** What every route may refuse with. */
const ALWAYS: readonly ErrorCode[] = [
  ...(['REQUEST_INVALID', 'UNAUTHENTICATED', 'FORBIDDEN', 'METHOD_NOT_ALLOWED', 'RATE_LIMITED'] as const),
  ...(['OVERLOADED', 'DEADLINE_EXCEEDED', 'STORE_UNREACHABLE'] as const),
];

const COMMAND_REFUSALS: readonly ErrorCode[] = [
  ...(['REQUEST_KEY_MISSING', 'USER_EXISTS', 'EMAIL_TAKEN', 'USER_NOT_FOUND', 'USER_DELETED'] as const),
  ...(['VERSION_MISMATCH', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED', 'REQUEST_KEY_REUSED'] as const),
  ...(['CONTENDED', 'OUTBOX_FULL', 'NOT_OWNER', 'STALE_EPOCH', 'STORE_CONNECTION_LOST'] as const),
];

/** Which half of the API an instance serves. */
export interface ApiParts {
  readonly commands: boolean;
  /** Commands that nobody waits for are taken too. */
  readonly posts: boolean;
  readonly queries: boolean;
}

export function openApi(parts: ApiParts, version: string): Json {
  const commands = COMMAND_TYPES.map((type) => [`/users/{user}/${type}`, { post: commandOperation(type) }] as const);
  return {
    openapi: '3.1.0',
    info: { title: 'orderlab user service', version },
    security: [{ token: [] }],
    paths: {
      ...(parts.commands ? Object.fromEntries(commands) : {}),
      ...(parts.posts ? COMMAND_PATHS : {}),
      ...(parts.queries ? QUERY_PATHS : {}),
    },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problemSchema) },
    },
  };
}

function commandOperation(type: CommandType): Json {
  return {
    operationId: type,
    summary: COMMAND_MEANINGS[type],
    description:
      'Accepted when the event is committed. The same Idempotency-Key again, at any instance, gives the same answer and does nothing.',
    parameters: [
      pathParameter('user', userSchema),
      headerParameter('Idempotency-Key', requestKeySchema, true),
      headerParameter('If-Match', versionTagSchema, false),
      headerParameter('Prefer', preferSchema, false),
    ],
    requestBody: {
      required: type !== 'delete',
      content: { 'application/json': { schema: schemaOf(COMMAND_BODIES[type]) } },
    },
    responses: {
      202: {
        description: 'The event is committed.',
        headers: { ETag: header('The version in quotes.'), Location: header('Whether the read model has it.') },
        content: { 'application/json': { schema: schemaOf(receiptSchema) } },
      },
      ...refusals([...ALWAYS, ...COMMAND_REFUSALS]),
    },
  };
}

const COMMAND_PATHS: Json = {
  '/commands/{key}': {
    get: {
      operationId: 'command',
      summary: 'What became of a command that was sent with Prefer: respond-async.',
      parameters: [pathParameter('key', requestKeySchema)],
      responses: {
        200: answer('Pending, accepted with its receipt, or failed with its problem.', commandStatusSchema),
        ...refusals([...ALWAYS, 'COMMAND_UNKNOWN']),
      },
    },
  },
};

const QUERY_PATHS: Json = {
  '/users/{user}': {
    get: {
      operationId: 'read',
      summary: 'Read the user, as it is or as of a version.',
      parameters: [
        pathParameter('user', userSchema),
        { name: 'min-version', in: 'query', schema: schemaOf(versionSchema) },
        headerParameter('If-None-Match', z.string().max(100), false),
        headerParameter('Prefer', preferSchema, false),
      ],
      responses: {
        200: answer('The user.', stateSchema),
        304: { description: 'The version is the one that the client has.' },
        ...refusals([...ALWAYS, 'USER_NOT_FOUND', 'READ_BEHIND']),
      },
    },
  },
  '/users/{user}/versions/{version}': {
    get: {
      operationId: 'status',
      summary: 'Whether the read model has come to a version.',
      parameters: [pathParameter('user', userSchema), pathParameter('version', versionSchema)],
      responses: { 200: answer('How far it is.', statusSchema), ...refusals(ALWAYS) },
    },
  },
};

/** By status: the codes that stand behind it. */
function refusals(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = ERRORS[code].httpStatus;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, known]) => [
      status,
      {
        description: known.join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function pathParameter(name: string, schema: z.ZodType): Json {
  return { name, in: 'path', required: true, schema: schemaOf(schema) };
}

function headerParameter(name: string, schema: z.ZodType, required: boolean): Json {
  return { name, in: 'header', required, schema: schemaOf(schema) };
}

function header(description: string): Json {
  return { description, schema: { type: 'string' } };
}

function answer(description: string, schema: z.ZodType): Json {
  return { description, content: { 'application/json': { schema: schemaOf(schema) } } };
}

/** Without what belongs to a document of its own. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as Json;
  return rest;
}
