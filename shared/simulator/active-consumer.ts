/** Which consumer of an Exclusive or Failover subscription is served (pulsar-semantics 1.5). Not the first to come. */
import type { ConsumerState } from './consumer';
import { murmurHash } from './murmur-hash';

/** Points of each candidate on the ring of a plain topic. */
const POINTS_PER_CANDIDATE = 100;

/**
 * Id of the consumer to serve, null without consumers. Only those of the best priority level are candidates. Source:
 * pickAndScheduleActiveConsumer.
 * Partitions go round by index over the consumers sorted by name; a plain topic takes a hash ring over the full 31 bits.
 */
export function chooseActive(consumers: readonly ConsumerState[], topic: string, partition: number): number | null {
  const best = Math.min(...consumers.map(({ priorityLevel }) => priorityLevel));
  const candidates = consumers
    .filter(({ priorityLevel }) => priorityLevel === best)
    .sort((left, right) => compareNames(left.name, right.name));
  if (candidates.length === 0) return null;
  const chosen = partition >= 0 ? candidates[partition % candidates.length] : chooseOnRing(candidates, topic);
  return chosen?.id ?? null;
}

/** UTF-16 order, as Java compares; sorting is stable, so equal names keep their order of joining. */
function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function chooseOnRing(candidates: readonly ConsumerState[], topic: string): ConsumerState | undefined {
  const ring = new Map<number, ConsumerState>();
  for (const candidate of candidates) {
    // A later candidate overwrites an equal point: unlike Key_Shared, nobody queues here.
    for (let index = 0; index < POINTS_PER_CANDIDATE; index += 1) {
      ring.set(murmurHash(`${candidate.name}${index}`), candidate);
    }
  }
  const points = [...ring.keys()].sort((left, right) => left - right);
  const hash = murmurHash(fullTopicName(topic));
  return ring.get(points.find((point) => point >= hash) ?? points[0] ?? 0);
}

/** Pulsar completes a short name before it hashes it. */
export function fullTopicName(topic: string): string {
  return topic.includes('://') ? topic : `persistent://public/default/${topic}`;
}
