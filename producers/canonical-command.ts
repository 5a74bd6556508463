/** A command as one text: the same meaning gives the same text, however the client wrote its JSON. */
import type { UserCommand } from '../shared/model/command';

/** Fields by name, so that their order in the body is nobody's concern. Only what the schema knows is in a command. */
export function canonicalCommand({ type, user, data }: UserCommand, expectedVersion: number | null): string {
  const fields = Object.entries(data).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([type, user, fields, expectedVersion]);
}
