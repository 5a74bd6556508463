/** Refusal: why a handshake or a call of the admin API fails, as Pulsar says it. */
import { STATUS_CODES } from 'node:http';

export interface Refusal {
  /** HTTP. */
  readonly status: number;
  readonly problem: string;
}

export const BAD_REQUEST = 400;
export const NOT_FOUND = 404;
export const CONFLICT = 409;
export const PRECONDITION_FAILED = 412;
export const INTERNAL_ERROR = 500;
/** Pulsar has it, this broker has not: never ignored, and never mistaken for a mistake of the client. */
export const NOT_SERVED = 501;
export const UNAVAILABLE = 503;

/** An end of a request that is no answer to it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(
    readonly status: number,
    readonly problem: string,
  ) {
    super(problem);
  }
}

export function notServed(what: string): RefusedError {
  return new RefusedError(NOT_SERVED, `${what} is not served by this broker: docs/broker.md lists what is`);
}

/** The page of a refused handshake: HTML, like Jetty's, around a sentence in which the broker's own may stand as JSON. */
export function refusalPage({ status, problem }: Refusal): string {
  const title = `${status} ${escapeHtml(problem)}`;
  return `<html><head><title>Error ${title}</title></head><body><h2>HTTP ERROR ${title}</h2></body></html>`;
}

/** How the broker's own sentence is wrapped when its client inside the WebSocket service was refused. */
export function clientRefused(status: number, sentence: string): RefusedError {
  return new RefusedError(
    status,
    `Failed to create producer/consumer: ${JSON.stringify({ errorMsg: sentence, reqId: 0 })}`,
  );
}

/** A handshake that ends before it is a WebSocket. */
export function refusalResponse(refusal: Refusal): string {
  const page = refusalPage(refusal);
  return [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`,
    'Content-Type: text/html;charset=utf-8',
    `Content-Length: ${Buffer.byteLength(page)}`,
    'Connection: close',
    '',
    page,
  ].join('\r\n');
}

function escapeHtml(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text.replace(/[&<>"']/g, (character) => named[character] ?? '');
}
