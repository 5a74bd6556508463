/** Commands of a page: what came in → what is meant. */
import { z } from 'zod';
import { OrderlabError } from '../../shared/errors';
import { CONSUMER_COMMANDS, LIVE_COMMANDS, type PageCommand, REPLAY_COMMANDS } from './picture/page-state';

const commandSchema = z.union([
  z.strictObject({ command: z.enum([...LIVE_COMMANDS, ...REPLAY_COMMANDS]) }),
  z.strictObject({ command: z.enum(CONSUMER_COMMANDS), consumer: z.string().regex(/^[a-z0-9-]{1,32}$/) }),
]);

/** Throws REQUEST_INVALID. */
export function readPageCommand(body: unknown): PageCommand {
  const read = commandSchema.safeParse(body);
  if (read.success) return read.data;
  throw new OrderlabError('REQUEST_INVALID', { problem: 'the body is no command of this page' });
}
