/** Commands: what a client asks the user service to do about one user. Each becomes one event, or a refusal. */

interface CommandSubject {
  /** The aggregate's id, given by the client: `^[A-Za-z0-9_-]{1,64}$`. */
  readonly user: string;
}

export interface CreateUser extends CommandSubject {
  readonly type: 'create';
  readonly data: { readonly name: string; readonly email: string };
}
export interface RenameUser extends CommandSubject {
  readonly type: 'rename';
  readonly data: { readonly name: string };
}
export interface ChangeEmail extends CommandSubject {
  readonly type: 'change-email';
  readonly data: { readonly email: string };
}
export interface CreditUser extends CommandSubject {
  readonly type: 'credit';
  readonly data: { readonly amount: number };
}
export interface DebitUser extends CommandSubject {
  readonly type: 'debit';
  readonly data: { readonly amount: number };
}
export interface DeleteUser extends CommandSubject {
  readonly type: 'delete';
  readonly data: Readonly<Record<never, never>>;
}

export type UserCommand = CreateUser | RenameUser | ChangeEmail | CreditUser | DebitUser | DeleteUser;
export const COMMAND_TYPES = ['create', 'rename', 'change-email', 'credit', 'debit', 'delete'] as const;
export type CommandType = UserCommand['type'];

/** A command as it arrives at an instance of the service. */
export interface CommandRequest {
  /** Names this command in the history and in the event store, whether or not anybody looks at it there. */
  readonly commandId: string;
  /**
   * The client's idempotency key with the principal that it belongs to (IETF draft Idempotency-Key): one tenant's key
   * never meets another's. null: the client sent none.
   */
  readonly requestKey: string | null;
  /** What the client believes that the user's version is (If-Match); null: it does not say. */
  readonly expectedVersion: number | null;
  readonly command: UserCommand;
  /** Another instance was asked, and has sent it on: it is not sent on again. Default: false. */
  readonly isForwarded?: boolean;
}

/** An accepted command: its event is committed. */
export interface CommandReceipt {
  readonly user: string;
  readonly eventId: string;
  /** The event's place in the user's stream, which is the user's version since. */
  readonly sequence: number;
  /** True: the command had been accepted before, and this is the answer that was given then. */
  readonly replayed: boolean;
}
