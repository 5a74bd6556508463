/** Owner addresses: an owner that can be asked by others is granted its shards under a name that says where it is. */
import type { Forward } from '../producers/shard-authority';
import { OrderlabError } from '../shared/errors';
import { openHttpWriter } from './api/http-writer';

/**
 * How long the owner may take before the instance that was asked gives up and says that it does not know what became of the
 * command. Far shorter than the patience of a client, which asks again then, perhaps at the next owner.
 */
const FORWARD_DEADLINE_MS = 2_000;

/** `w1.1@http://127.0.0.1:3000`: the life of an instance, and where it listens. */
export function ownerAt(writer: string, url: string): string {
  return `${writer}@${url}`;
}

/** Asks owners over HTTP, without a token: those of one lab run, which listen on a loopback port that nobody else knows. */
export const forwardOverHttp: Forward = async (owner, request) => {
  const [writer = '', url] = owner.split('@', 2);
  if (url === undefined)
    throw new OrderlabError('WRITER_UNREACHABLE', { writer, cause: 'it does not say where it is' });
  return openHttpWriter(writer, url, null, FORWARD_DEADLINE_MS).submit(request);
};
