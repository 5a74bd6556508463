/** Fault client: asks the fault port of a served broker, which it finds through the file that the broker left. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { causeText, OrderlabError } from '../../shared/errors';

/** The answer comes at once: everything that a fault does is begun, not awaited. */
const DEADLINE_MS = 10_000;

const controlSchema = z.strictObject({ url: z.url(), token: z.string().min(1) });
/** What the control file holds. The token never stands on a command line or in an output. */
export type FaultControl = z.infer<typeof controlSchema>;

const answerSchema = z.object({
  reason: z.string().optional(),
  droppedCount: z.number().int().optional(),
  connections: z
    .array(z.object({ kind: z.string(), name: z.string(), topic: z.string(), subscription: z.string().nullable() }))
    .optional(),
});
export type FaultAnswer = z.infer<typeof answerSchema>;

/** Throws FILE_UNREADABLE. */
export function readControl(path: string): FaultControl {
  try {
    return controlSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (thrown) {
    const cause = thrown instanceof z.ZodError ? 'it is not the control file of a served broker' : causeText(thrown);
    throw new OrderlabError('FILE_UNREADABLE', { path, cause }, thrown);
  }
}

/** Rejects with BROKER_UNREACHABLE when no broker serves there any more, BROKER_REFUSED for what it does not do. */
export async function askFault({ url, token }: FaultControl, fault: string, body: object): Promise<FaultAnswer> {
  const what = `fault ${fault}`;
  const answer = await post(`${url}/${fault}`, token, body).catch((thrown: unknown) => {
    throw new OrderlabError('BROKER_UNREACHABLE', { what, url, cause: causeText(thrown) }, thrown);
  });
  const text = answerSchema.parse(await answer.json());
  if (answer.ok) return text;
  throw new OrderlabError('BROKER_REFUSED', { what, url, cause: `HTTP ${answer.status}, ${text.reason ?? ''}` });
}

function post(url: string, token: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
}
