/** Shards: which part of the users a user belongs to. Every instance works it out alike, without asking anybody. */

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** `shard-1` to `shard-COUNT`, by the FNV-1a hash of the id (32 bits, over UTF-16 code units). It never moves while `shardCount` stands. */
export function shardOf(user: string, shardCount: number): string {
  let hash = OFFSET;
  for (let index = 0; index < user.length; index += 1) hash = Math.imul(hash ^ user.charCodeAt(index), PRIME) >>> 0;
  return `shard-${(hash % shardCount) + 1}`;
}
