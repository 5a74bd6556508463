/** Commands that clients send, built from little: rounds that several scenarios share. */
import type { UserCommand } from '../model/command';
import type { ClientCommand, CommandRound, WriterSettings, WriteSide } from '../model/write-side';

/** The design that holds: compare-and-swap, unique e-mails, request records and an outbox, in one step. */
export const CAREFUL: WriterSettings = {
  authority: null,
  guard: 'expected',
  uniqueEmails: true,
  recordsRequests: true,
  requestTtlMs: null,
  absorbsSameMeaning: false,
  publishing: 'outbox',
  sendsOfEach: 1,
  deliberationMs: 0,
};

/**
 * Nothing is checked, and the number that the writer worked out stands. It takes its time, so that even on a machine that
 * is busy with other things, with every instance a process that has just begun, rivals decide before one of them appends.
 */
export const UNGUARDED: WriterSettings = {
  ...CAREFUL,
  guard: 'unguarded',
  uniqueEmails: false,
  recordsRequests: false,
  deliberationMs: 300,
};

export function writeSide(writerCount: number, settings: WriterSettings, rounds: readonly CommandRound[]): WriteSide {
  return {
    commandTopic: null,
    relay: null,
    writerCount,
    settings,
    deduplicates: false,
    crashes: [],
    pauses: [],
    rounds,
  };
}

/** A command that a client sends once, with a key of its own. */
export function sent(commandId: string, command: UserCommand, choice: Partial<ClientCommand> = {}): ClientCommand {
  return {
    ...{
      commandId,
      command,
      writer: 0,
      requestKey: `lab:${commandId}`,
      expectedVersion: null,
      sends: 1,
      sendsAgain: 'at-once',
      readsBack: 'no',
    },
    ...choice,
  };
}

export function creating(user: string, email = `${user}@example.org`): UserCommand {
  return { type: 'create', user, data: { name: user, email } };
}

export function crediting(user: string, amount: number): UserCommand {
  return { type: 'credit', user, data: { amount } };
}

/** `user-1` and so on. */
export function usersNamed(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

/** What follows a creation, so that every user has a stream: two credits and a rename, one round each. */
export function livesOf(users: readonly string[], writerCount: number): readonly CommandRound[] {
  const round = (name: string, commandOf: (user: string) => UserCommand): CommandRound =>
    users.map((user, index) => sent(`${name}-${user}`, commandOf(user), { writer: index % writerCount }));
  return [
    round('credit', (user) => crediting(user, 10)),
    round('rename', (user) => ({ type: 'rename', user, data: { name: `${user}-renamed` } })),
    round('credit-again', (user) => crediting(user, 5)),
  ];
}
