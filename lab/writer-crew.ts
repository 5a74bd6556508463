/** Writers of a run: instances of the user service in this process, each with an end of its own. */
import { createHash } from 'node:crypto';
import { sendAttempt } from '../producers/send-attempt';
import { type Forward, ShardAuthority } from '../producers/shard-authority';
import { UserService } from '../producers/user-service';
import { seededIds } from '../shared/adapters/seeded-random';
import { OrderlabError } from '../shared/errors';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { UserEvent } from '../shared/model/event';
import type { WriterCrash, WriterPoint, WriterSettings } from '../shared/model/write-side';
import type { Clock, Producer, Random, Recorder } from '../shared/ports';
import type { CommandPort, EventStore } from '../shared/write-ports';
import { Life, NEVER } from './life';

export interface WriterOptions {
  /** Names the instance in the history, `w1.1`. */
  readonly writer: string;
  readonly settings: WriterSettings;
  readonly store: EventStore;
  readonly clock: Clock;
  /** The instance's own. */
  readonly random: Random;
  readonly topic: string;
  /** Where it publishes itself, and what it records of that; null: a relay publishes. */
  readonly direct: { readonly producer: Producer; readonly recorder: Recorder } | null;
  /** Where it dies; null: nowhere. */
  readonly crash: WriterCrash | null;
  /** Told when it dies, before anybody can notice. */
  readonly onDeath: () => void;
  /** Resolves when the instance, which is about to append for this command, goes on. Default: at once. */
  readonly stand?: (commandId: string) => Promise<void>;
  /** Asks other instances, by the names under which they were granted their shards. Default: there is no way there. */
  readonly forward?: Forward;
}

/** What a request said, at a fixed length that gives nothing of it away. */
export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** What answers commands at an instance. */
export type CommandService = Pick<UserService, 'handle'>;

/** Told where an instance comes to, and with which command; it goes on when that resolves. */
export type WriterReached = (point: WriterPoint, commandId: string) => Promise<void>;

/** An instance that acts for every user, or for those of its shards, as its settings say. */
export function openCommandService(options: WriterOptions, reached: WriterReached): CommandService {
  const service = openUserService(options, reached);
  const { writer, store, clock, settings } = options;
  if (settings.authority === null) return service;
  return new ShardAuthority({
    ...{ writer, store, clock, settings: settings.authority, forward: options.forward },
    execute: (request, authority) => service.handle(request, authority),
  });
}

/** An instance of the user service over the ports of a run. */
export function openUserService(options: WriterOptions, reached: WriterReached): UserService {
  const { writer, settings, store, clock, random, direct, topic } = options;
  const attempt = direct && sendAttempt({ ...direct, producerName: writer, topic });
  let publishedCount = 0;
  const publish = async (event: UserEvent): Promise<void> => {
    publishedCount += 1;
    const send = { event, admission: 0, mayBeStored: false, sequenceId: publishedCount };
    for (let sends = 0; sends < settings.sendsOfEach; sends += 1) {
      const isStored = await attempt?.(send);
      if (isStored === false) throw new OrderlabError('CONNECTION_LOST', { what: 'a publish', cause: 'not stored' });
    }
  };
  return new UserService({
    ...{ writer, settings, store, clock, random, reached, publish },
    ids: seededIds(random.stream('ids', 'events')),
    fingerprint: fingerprintOf,
  });
}

/** An instance in this process. Killed, it answers nobody any more; whoever waits learns that its connection is gone. */
export class InProcessWriter implements CommandPort {
  readonly writer: string;
  private readonly life = new Life();
  private readonly service: CommandService;
  private readonly arrivals = new Map<WriterPoint, number>();
  private lose: (() => void)[] = [];

  constructor(private readonly options: WriterOptions) {
    this.writer = options.writer;
    this.service = openCommandService(options, (point, commandId) => this.reached(point, commandId));
  }

  submit(request: CommandRequest): Promise<CommandReceipt> {
    const { writer } = this;
    /** The dead answer nobody, not even who had been let in before and comes only now. */
    if (!this.life.isAlive) {
      return Promise.reject(new OrderlabError('WRITER_UNREACHABLE', { writer, cause: 'nobody listens' }));
    }
    return new Promise((resolve, reject) => {
      this.lose.push(() => reject(new OrderlabError('WRITER_LOST', { writer })));
      this.life.live(() => this.service.handle(request)).then(resolve, reject);
    });
  }

  private async reached(point: WriterPoint, commandId: string): Promise<void> {
    if (!this.life.isAlive) return NEVER;
    const arrival = (this.arrivals.get(point) ?? 0) + 1;
    this.arrivals.set(point, arrival);
    const { crash, stand } = this.options;
    if (crash === null || crash.at !== point || crash.arrival !== arrival) {
      if (point === 'before:append') await stand?.(commandId);
      return;
    }
    this.life.end();
    this.options.onDeath();
    for (const lose of this.lose.splice(0)) lose();
    await NEVER;
  }
}
