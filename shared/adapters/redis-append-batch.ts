/**
 * Batches of appends: those that are made in one turn of the event loop leave together, as one call of the script. They
 * share what a call costs and nothing else: each is decided on its own, and each gets its own answer. No delay is added:
 * the turn ends, and what has come by then goes.
 */
import { OrderlabError } from '../errors';
import { type Append, type AppendAnswer, emailChange, OUTBOX_COUNT_MAX, RELAY } from '../model/append';
import { invariant } from '../model/invariant';
import {
  APPEND_VALUE_COUNT,
  BATCH_VALUE_COUNT,
  FENCED_BATCH_VALUE_COUNT,
  FENCED_VALUE_COUNT,
  GIVEN_BACK,
} from './redis-append-script';
import { idOf, textOf } from './redis-keys';

/** Appends of one call. More that are made in one turn leave in several: a script blocks the server while it runs. */
export const APPEND_BATCH_COUNT_MAX = 32;

/** Makes the appends, in this order, in one call of the script, and gives its reply to each. */
export type SendAppends = (batch: readonly Append[]) => Promise<readonly string[]>;

interface Waiting {
  readonly append: Append;
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

export class AppendBatches {
  private waiting: Waiting[] = [];

  constructor(private readonly send: SendAppends) {}

  /** Rejects with what the call that it was part of rejects with: an unknown outcome is one for each of the batch. */
  add(append: Append): Promise<AppendAnswer> {
    return new Promise((resolve, reject) => {
      /** Runs behind the continuations that are due, which may have appends of their own. */
      if (this.waiting.length === 0) process.nextTick(() => this.leave());
      this.waiting.push({ append, resolve, reject });
    });
  }

  private leave(): void {
    const { waiting } = this;
    this.waiting = [];
    let from = 0;
    for (const [index, { append }] of waiting.entries()) {
      const next = waiting[index + 1];
      const isFull = index + 1 - from === APPEND_BATCH_COUNT_MAX;
      if (next !== undefined && !isFull && isAlike(append, next.append)) continue;
      void this.make(waiting.slice(from, index + 1));
      from = index + 1;
    }
  }

  private async make(batch: readonly Waiting[]): Promise<void> {
    try {
      const replies = await this.send(batch.map(({ append }) => append));
      invariant(replies.length === batch.length, 'the script replies to every append');
      for (const [index, { append, resolve, reject }] of batch.entries()) {
        const answer = answerOf(replies[index] ?? '', append);
        if (answer instanceof OrderlabError) reject(answer);
        else resolve(answer);
      }
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    }
  }
}

/** The guard, how long records live, and whether epochs are checked are said once for a batch. */
function isAlike(left: Append, right: Append): boolean {
  const isAsFenced = isFenced(left) === isFenced(right);
  return isAsFenced && left.guard === right.guard && left.request?.ttlMs === right.request?.ttlMs;
}

/** The append is refused where its epoch is not the shard's. */
export function isFenced({ authority }: Append): boolean {
  return authority?.isChecked === true;
}

/** ARGV of a batch: appends that are alike. `incarnation`: in which the store must have been seeded; empty: in any. */
export function valuesOf(batch: readonly Append[], incarnation: string): readonly string[] {
  const [first] = batch;
  const fenced = first !== undefined && isFenced(first);
  const operation = fenced ? 'append-fenced' : 'append';
  const values = [operation, String(OUTBOX_COUNT_MAX), RELAY, first?.guard ?? '', String(first?.request?.ttlMs ?? '')];
  if (fenced) values.push(incarnation);
  for (const append of batch) pushValues(values, append);
  const [head, each] = fenced
    ? [FENCED_BATCH_VALUE_COUNT, FENCED_VALUE_COUNT]
    : [BATCH_VALUE_COUNT, APPEND_VALUE_COUNT];
  const count = head + batch.length * each;
  invariant(values.length === count, 'the script counts the values of a batch');
  return values;
}

/**
 * The event goes as the text that is logged. A blind append gets its number in the script, which replaces it there: inside
 * a text of JSON a quote is escaped, so that the field's name with both its quotes stands where the field begins and nowhere
 * before it.
 */
function pushValues(values: string[], append: Append): void {
  const { event, readVersion, request, uniqueEmail, commandId, writer, authority } = append;
  invariant(Number.isSafeInteger(readVersion) && event.sequence === readVersion + 1, 'an event follows what was read');
  const { claimed, releases } = uniqueEmail ? emailChange(event) : { claimed: null, releases: false };
  const email = claimed === null ? (releases ? GIVEN_BACK : '') : textOf(claimed);
  const granted = authority === undefined ? [] : [authority.shard, authority.epoch];
  const facts = JSON.stringify([readVersion, commandId, writer, ...granted]);
  values.push(textOf(event.id), textOf(event.user), String(event.sequence), `${JSON.stringify(event)}\n${facts}`);
  values.push(email, request?.fingerprint ?? '');
  if (authority?.isChecked === true) values.push(textOf(authority.shard), `${authority.epoch} ${textOf(writer)}`);
}

/** STORE_DATA_INVALID: what is stored of the user or the request is not what the script writes; nothing was appended. */
function answerOf(reply: string, { event }: Append): AppendAnswer | OrderlabError {
  const [outcome = '', first = ''] = reply.split(' ', 2);
  const rest = reply.slice(outcome.length + 1);
  switch (outcome) {
    case 'appended':
      /** Only what was appended blindly has a number that its writer does not know. */
      return { outcome, sequence: first === '' ? event.sequence : Number(first) };
    case 'replayed':
      return { outcome, eventId: idOf(rest.slice(first.length + 1)), sequence: Number(first) };
    case 'version-conflict':
      return { outcome, version: Number(first) };
    case 'stale-epoch':
      return { outcome, epoch: Number(first) };
    case 'email-taken':
      return { outcome, by: idOf(rest) };
    case 'invalid':
      return new OrderlabError('STORE_DATA_INVALID', { what: 'append', problem: rest });
    default:
      invariant(
        outcome === 'request-reused' || outcome === 'outbox-full' || outcome === 'unseeded',
        'the script replies with an outcome',
      );
      return { outcome };
  }
}
