/** Coverage: what Pulsar does, as the model has it, with the scripts that hold it against a broker, or why none can. */
import { MUTANTS } from './mutants';
import { SCRIPTS } from './scripts';

export type CoverageRow =
  | { readonly what: string; readonly scripts: RegExp }
  /** No script can reach it. Where it is shown instead, if it is. */
  | { readonly what: string; readonly notReachable: string };

/** Machine: what a topic and its subscriptions do. */
const MACHINE: readonly CoverageRow[] = [
  {
    what: 'cursor: mark-delete position, individual acknowledgements, read position',
    scripts: /^ack-|holes|exclusive-close/,
  },
  { what: 'cursor set anew', scripts: /^seek-/ },
  {
    what: 'partitions: routing by Murmur3_32Hash, each with a cursor and a dispatcher of its own',
    scripts: /partitions/,
  },
  { what: 'Exclusive: one consumer, in order, a negative acknowledgement rewinds', scripts: /^exclusive-|-exclusive$/ },
  { what: 'Failover on a plain topic: a ring of 31 bits', scripts: /failover-plain/ },
  { what: 'Failover on partitions: index modulo the number of names', scripts: /failover-(two|three|five|kill|take)/ },
  {
    what: 'Failover: delay before a take-over, the first included, then a rewind',
    scripts: /failover-(take|kill|stand|nack)|-failover$/,
  },
  { what: 'Shared: round robin, who has room, turns that outlive members', scripts: /^shared-(round|room|turn|part)/ },
  { what: 'Shared and Failover: priority levels', scripts: /^priority-/ },
  {
    what: 'Key_Shared AUTO_SPLIT: ring, name indices, collisions',
    scripts: /^ranges-|key-shared-(split|partitions|rejoin)/,
  },
  { what: 'Key_Shared: the bytes of a key, whatever they are', scripts: /^keys-/ },
  { what: 'consumers of one name', scripts: /one-name/ },
  { what: 'Key_Shared: draining hashes, the read 10 ms after their end', scripts: /^draining-|one-to-three/ },
  {
    what: 'Key_Shared: messages that come back with their hash and without it',
    scripts: /key-shared-(nack|kill|close)|three-to-one/,
  },
  {
    what: 'Key_Shared: messages that wait for permits, and who gets them',
    scripts: /no-permits|^waiting-|without-permits|ack-of-(waiting|returned)/,
  },
  { what: 'permits and prefetched messages', scripts: /prefetch|queue-of-one|room-decides/ },
  { what: 'limits of unacknowledged messages, of a consumer and of a subscription', scripts: /^unacked-/ },
  { what: 'first consumer in, last consumer out', scripts: /last-out|another-type|other-type|second-consumer/ },
  { what: 'redelivery counts', scripts: /^nack-|shared-nack|shared-kill|unload-/ },
  { what: 'acknowledgement by another consumer, or late', scripts: /by-another|ended-by|ack-late|ack-twice/ },
  { what: 'negative acknowledgements, timed by the client', scripts: /nack/ },
  { what: 'ack time-outs', scripts: /timeout/ },
  { what: 'dead letters', scripts: /^dead-letter-/ },
  { what: 'unload of a topic', scripts: /^unload-/ },
  { what: 'statistics: type, backlog, replay, active consumer, ranges, draining hashes, blocked', scripts: /./ },
];

const NOT_REACHABLE: readonly CoverageRow[] = [
  {
    what: 'cursor: written down lazily, rolled back by a crash',
    notReachable: 'no script kills the broker of others; test/transcripts/outage-crash.txt',
  },
  {
    what: 'Shared: runs of 20',
    notReachable: 'the WebSocket API passes on one permit at a time; test/transcripts/shared-runs-of-20.txt',
  },
  {
    what: 'Key_Shared: look-ahead limits',
    notReachable: 'a setting of the whole broker, 2,000 per consumer; test/transcripts/key-shared-look-ahead.txt',
  },
  {
    what: 'Key_Shared: range split',
    notReachable: 'a setting of the whole broker; test/vectors/key-shared-ranges.json, of a live one',
  },
  { what: 'Key_Shared: STICKY and out-of-order delivery', notReachable: 'the WebSocket API has no parameter for them' },
  { what: 'cumulative acknowledgements', notReachable: 'the WebSocket API ignores the type of an acknowledgement' },
  {
    what: 'readers',
    notReachable: 'a reader has no subscription to compare; the contract suite reads logs on every broker',
  },
  {
    what: 'batches of mixed keys and per key, permits below zero',
    notReachable: 'a script sends one by one; test/simulator/batches.test.ts, with what a native client met on 4.2.4',
  },
  {
    what: 'classic dispatcher of 3.x',
    notReachable: 'a setting of the whole broker; test/transcripts/key-shared-classic.txt, played on one that has it',
  },
  {
    what: 'deduplication by sequence ids',
    notReachable: 'the WebSocket API takes none per message; test/simulator/deduplication.test.ts',
  },
  {
    what: 'access modes and fencing of producers',
    notReachable: 'the WebSocket API ignores accessMode; test/contract/producer-contract.ts holds over pulsar://',
  },
  {
    what: 'expiry and skipping of messages',
    notReachable:
      'no operation of a script skips; test/transcripts/skip-ends-drain.txt, skip-and-expire.txt, expiry.txt',
  },
  { what: 'delayed delivery, transactions, chunks', notReachable: 'not built' },
];

/** What happens to one sticky hash that moves from A to B (pulsar-semantics 3.7). */
const MOVING_HASH: readonly CoverageRow[] = [
  { what: 'B joins, A holds messages: new ones are parked', scripts: /^draining-join-while-unacked$/ },
  { what: 'A acknowledges one, and the last', scripts: /^draining-(join-while-unacked|two-holders)$/ },
  { what: 'somebody else acknowledges one of A’s', scripts: /^draining-ended-by-another$/ },
  { what: 'A gives one back', scripts: /^draining-nack$/ },
  { what: 'one of A’s times out', scripts: /^ack-timeout-ends-drain$/ },
  { what: 'A disconnects', scripts: /^draining-kill$/ },
  { what: 'B leaves before the drain ends, and comes back', scripts: /^draining-ownership-returns$/ },
  { what: 'C joins and takes the hash', scripts: /^draining-third-takes-over$/ },
  { what: 'unload, or the last consumer leaves', scripts: /^unload-(key-shared|ends-drains)$|^key-shared-last-out/ },
  {
    what: 'the broker restarts',
    notReachable: 'no script restarts the broker of others; test/transcripts/outage-restart.txt',
  },
];

export const COVERAGE: readonly CoverageRow[] = [...MACHINE, ...MOVING_HASH, ...NOT_REACHABLE];

/** Names of the scripts of a row; none when no script can reach it. */
export function scriptsOf(row: CoverageRow): readonly string[] {
  return 'scripts' in row ? SCRIPTS.map(({ name }) => name).filter((name) => row.scripts.test(name)) : [];
}

/** A line per row: what, and its scripts or the reason why there are none. */
export function coverageLines(): readonly string[] {
  const reached = [...MACHINE, ...MOVING_HASH].filter((row) => 'scripts' in row);
  const unreached = COVERAGE.flatMap((row) => ('notReachable' in row ? [`  ${row.what}: ${row.notReachable}`] : []));
  return [
    ...reached.map((row) => `${row.what}: ${namesText(scriptsOf(row))}`),
    'not reachable:',
    ...unreached,
    `${SCRIPTS.length} scripts, of which ${usefulCount()} find out a mutant of the model: conformance --mutant all`,
  ];
}

/** A script that finds out no mutant shows nothing. */
function usefulCount(): number {
  const useful = new Set(MUTANTS.flatMap(({ scripts }) => scripts));
  return SCRIPTS.filter(({ name }) => useful.has(name)).length;
}

function namesText(names: readonly string[]): string {
  return names.length === SCRIPTS.length ? 'every script' : names.join(', ');
}
