/** Failures of the drop-in: the native client's own texts where it fails too, and a sentence where only the drop-in does. */

/** A plain Error without a code, as the native client throws: `Failed to send message: AlreadyClosed`. */
export function nativeError(attempt: string, result: string): Error {
  return new Error(`Failed to ${attempt}: ${result}`);
}

/** Names the call and the way out. */
export function unsupported(call: string, wayOut: string): Error {
  return new Error(`orderlab/testing/pulsar-client does not support ${call}: ${wayOut}`);
}

/** Refuses options that would silently mean nothing. */
export function refuseOptions(call: string, options: object, refused: Readonly<Record<string, string>>): void {
  for (const [name, wayOut] of Object.entries(refused)) {
    if ((options as Readonly<Record<string, unknown>>)[name] !== undefined)
      throw unsupported(`${name} in ${call}`, wayOut);
  }
}

export const ON_REAL_PULSAR = "test this on a real Pulsar, with `broker: 'pulsar://…'`";
