/**
 * A lap of handovers: for how long nobody acts for a shard once its owner is not heard of any more. The owner is not killed
 * but left alone, which a store cannot tell apart; what it takes to start another process is not in the figure.
 */
import { ShardAuthority } from '../producers/shard-authority';
import { openRedisEventStore } from '../shared/adapters/redis-event-store';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { EventStore } from '../shared/write-ports';
import { COMMAND_DEADLINE_MS, CONNECT_DEADLINE_MS } from './store-by-url';

export interface HandoverLapOptions {
  readonly storeUrl: string;
  /** Begins every key; nobody else's. */
  readonly keyPrefix: string;
  readonly handoverCount: number;
  /** As in AuthoritySettings. */
  readonly holdMs: number;
}

/** Pause between two questions of a client that was refused, in milliseconds. */
const ASK_PAUSE_MS = 1;

/** Milliseconds from the last answer of each owner to the first one of the next, in the order in which they took over. */
export async function handoverLap(options: HandoverLapOptions): Promise<readonly number[]> {
  const deadlines = { connectDeadlineMs: CONNECT_DEADLINE_MS, commandDeadlineMs: COMMAND_DEADLINE_MS };
  const store = await openRedisEventStore({ url: options.storeUrl, keyPrefix: options.keyPrefix, ...deadlines });
  try {
    const gapsMs: number[] = [];
    let answeredAtMs = await untilAnswered(ownerNumber(1, store, options));
    for (let number = 2; number <= options.handoverCount + 1; number += 1) {
      const nextAtMs = await untilAnswered(ownerNumber(number, store, options));
      gapsMs.push(nextAtMs - answeredAtMs);
      answeredAtMs = nextAtMs;
    }
    return gapsMs;
  } finally {
    await store.erase();
    await store.close();
  }
}

/** It has one user to act for, and what it does there is of no interest. */
function ownerNumber(number: number, store: EventStore, { holdMs }: HandoverLapOptions): ShardAuthority {
  const writer = `w${number}.1`;
  const settings = { shardCount: 1, holdMs, forwards: false, checksEpoch: true, guardsIncarnation: false };
  const execute = async ({ command: { user } }: CommandRequest): Promise<CommandReceipt> => ({
    ...{ user, eventId: writer, sequence: number, replayed: false },
  });
  return new ShardAuthority({ writer, settings, store, clock: systemClock, execute });
}

async function untilAnswered(owner: ShardAuthority): Promise<number> {
  const command = { type: 'credit', user: 'ada', data: { amount: 1 } } as const;
  for (;;) {
    try {
      await owner.handle({ commandId: 'asked', requestKey: null, expectedVersion: null, command });
      return performance.now();
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError) || thrown.code !== 'NOT_OWNER') throw thrown;
      await systemClock.sleep(ASK_PAUSE_MS);
    }
  }
}
