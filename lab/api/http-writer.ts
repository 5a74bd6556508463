/** An instance of the user service, reached over HTTP: what a client of the API makes of its answers. */
import { causeText, ERRORS, type ErrorCode, OrderlabError } from '../../shared/errors';
import type { CommandReceipt, CommandRequest } from '../../shared/model/command';
import type { CommandPort } from '../../shared/write-ports';
import { FORWARDED_HEADER } from './command-routes';

/** Longer than the instance itself takes to give a request up. */
const ANSWER_DEADLINE_MS = 20_000;
const ACCEPTED = 202;

/** Refused before anything was sent. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH'];

/** `authorization`: the header, or null for an instance without tokens. */
export function openHttpWriter(
  writer: string,
  url: string,
  authorization: string | null,
  answerDeadlineMs = ANSWER_DEADLINE_MS,
): CommandPort {
  const requestWith = (request: CommandRequest): RequestInit => ({
    ...requestOf(request, authorization),
    signal: AbortSignal.timeout(answerDeadlineMs),
  });
  return {
    writer,
    async submit(request) {
      const response = await exchange(writer, () => fetch(addressOf(url, request), requestWith(request)));
      const body = await exchange(writer, () => response.json());
      if (response.status === ACCEPTED) return receiptOf(body);
      throw refusalOf(body, writer);
    },
  };
}

function addressOf(url: string, { command: { user, type } }: CommandRequest): string {
  return `${url}/users/${encodeURIComponent(user)}/${type}`;
}

/** The command's own name is its idempotency key: whoever sends it again means the same. */
function requestOf(
  { commandId, expectedVersion, command, isForwarded = false }: CommandRequest,
  authorization: string | null,
): RequestInit {
  return {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'idempotency-key': commandId },
      ...(expectedVersion === null ? {} : { 'if-match': `"${expectedVersion}"` }),
      ...(authorization === null ? {} : { authorization }),
      ...(isForwarded ? { [FORWARDED_HEADER]: '1' } : {}),
    },
    body: JSON.stringify(command.data),
  };
}

/** A connection that was never made has done nothing; one that broke, nobody knows. */
async function exchange<Result>(writer: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (thrown) {
    const cause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown ? thrown.cause : undefined;
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
    if (!NEVER_SENT.includes(code)) throw new OrderlabError('WRITER_LOST', { writer }, thrown);
    throw new OrderlabError('WRITER_UNREACHABLE', { writer, cause: causeText(cause) }, thrown);
  }
}

function receiptOf(body: unknown): CommandReceipt {
  const { user, eventId, sequence, replayed } = body as CommandReceipt;
  return { user: String(user), eventId: String(eventId), sequence: Number(sequence), replayed: replayed === true };
}

/** The same code as on the other side. What is not of the table says nothing about the command. */
function refusalOf(body: unknown, writer: string): OrderlabError {
  const { code, ...facts } = body as Readonly<Record<string, string | number>>;
  const known = CODES.find((name) => name === code);
  if (known === undefined) return new OrderlabError('WRITER_LOST', { writer });
  return new OrderlabError(known, { ...facts, writer });
}

const CODES = Object.keys(ERRORS) as readonly ErrorCode[];
