/**
 * Performer: turns one action of a strategy into calls on the ports, and what they answered into an answer.
 *
 * Every action is announced before and after (crash points), and what was recorded is on file before it takes place: what
 * the history holds when a process dies is never less than what the world saw. It awaits ports only, so that a process
 * can be cut there.
 */
import { type ErrorCode, OrderlabError } from '../shared/errors';
import type { Action, Answer, StoreAnswer, StoreOperation } from '../shared/model/action';
import type { UserEvent } from '../shared/model/event';
import { unreachable } from '../shared/model/invariant';
import type { PointName } from '../shared/model/plan';
import type { Clock, Consumer, EventLog, Lifecycle, Producer, Recorder, Store } from '../shared/ports';
import { encodeEvent } from '../shared/wire';
import { resultOf } from './result';

/** A recorder that may gather its writes: who is about to act waits for `written` first. */
export interface GatheringRecorder extends Recorder {
  /** Resolves when all that was recorded is on file; null: it is. Those who wait go on in the order of their calls. */
  written(): Promise<void> | null;
}

/** The ports of one consumer incarnation. */
export interface ConsumerPorts {
  readonly clock: Clock;
  readonly consumer: Consumer;
  readonly store: Store;
  readonly eventLog: Pick<EventLog, 'read'>;
  readonly lifecycle: Lifecycle;
  readonly recorder: GatheringRecorder;
  /** Where results go; null: no derived topic. */
  readonly results: { readonly topic: string; readonly producer: Producer } | null;
}

/** The delivery that an action belongs to. */
export interface Subject {
  /** The incarnation, `c1#1`. */
  readonly consumer: string;
  readonly messageId: string;
  readonly event: UserEvent;
}

/** Actions that end in a call on a port; park and done are the projector's own. */
export type PortAction = Exclude<Action, { kind: 'park' } | { kind: 'done' }>;

/** `ended`: what has to be over before the call goes out; it is waited for beside the records, and never rejects for the world's sake. */
export async function perform(
  action: PortAction,
  subject: Subject,
  ports: ConsumerPorts,
  ended: Promise<void> | null = null,
): Promise<Answer> {
  const name = nameOf(action);
  if (name === null) return performSilently(action, ports);
  const ref = { user: subject.event.user, sequence: subject.event.sequence };
  const announced = ports.lifecycle.reached(`before:${name}`, ref);
  if (announced !== 'go' && (await announced) === 'fail') return handlerFailed(name, subject, ports);
  let answer: Answer;
  try {
    intend(action, subject, ports);
    const writing = isWitness(action) ? null : ports.recorder.written();
    if (writing !== null) await writing;
    if (ended !== null) await ended;
    answer = await call(action, subject, ports);
  } catch (thrown) {
    return failed(name, subject, ports, thrown);
  }
  const passed = ports.lifecycle.reached(`after:${name}`, ref);
  if (passed !== 'go') await passed;
  return answer;
}

function nameOf(action: PortAction): PointName | null {
  switch (action.kind) {
    case 'store':
      return action.operation.name;
    case 'sleep':
      return null;
    default:
      return action.kind;
  }
}

async function performSilently(action: PortAction, ports: ConsumerPorts): Promise<Answer> {
  if (action.kind === 'sleep') await ports.clock.sleep(action.ms);
  return { kind: 'ok' };
}

/**
 * A witness waits for nothing, since its moment is what it tells: an end that waited for a record would be later than what it
 * tells of, and the acknowledgement, which waits for both, would wait for one after the other.
 */
function isWitness(action: PortAction): boolean {
  return (
    action.kind === 'store' && (action.operation.name === 'begin-handler' || action.operation.name === 'end-handler')
  );
}

/** What is about to be done, as far as nothing else tells of it. */
function intend(action: PortAction, subject: Subject, ports: ConsumerPorts): void {
  switch (action.kind) {
    case 'ack':
    case 'nack':
      note(subject, ports, { type: `${action.kind}-intended` });
      return;
    case 'publish':
      if (ports.results === null) return;
      ports.recorder.record({ ...publication(action.event, subject, ports.results.topic), type: 'invoke' });
      return;
    default:
  }
}

async function call(action: PortAction, subject: Subject, ports: ConsumerPorts): Promise<Answer> {
  switch (action.kind) {
    case 'store':
      return { kind: 'store', answer: await execute(action.operation, subject, ports) };
    case 'ack':
      await acknowledge(subject, ports);
      return { kind: 'ok' };
    case 'nack':
      await ports.consumer.nack(subject.messageId);
      return { kind: 'ok' };
    case 'publish':
      await publish(action.event, subject, ports);
      return { kind: 'ok' };
    case 'read-log':
      return {
        kind: 'log',
        events: await ports.eventLog.read(action.user, action.fromSequence, action.toSequence),
      };
    case 'sleep':
      await ports.clock.sleep(action.ms);
      return { kind: 'ok' };
    default:
      return unreachable(action, 'action');
  }
}

async function execute(operation: StoreOperation, subject: Subject, ports: ConsumerPorts): Promise<StoreAnswer> {
  const answer = await ports.store.execute(operation);
  /** A repair applies another event than the one delivered: its effect is in the journal, not in this delivery's fate. */
  const own = operation.name !== 'apply' || operation.event.sequence === subject.event.sequence;
  if (own && answer.outcome !== 'noted' && answer.outcome !== 'overlapped')
    note(subject, ports, { type: 'answered', operation: operation.name, ...answerFacts(answer) });
  return answer;
}

function answerFacts(answer: StoreAnswer): {
  outcome: StoreAnswer['outcome'];
  version: number | null;
  markerPresent: boolean | null;
} {
  return 'version' in answer
    ? { outcome: answer.outcome, version: answer.version, markerPresent: answer.markerPresent }
    : { outcome: answer.outcome, version: null, markerPresent: null };
}

async function acknowledge(subject: Subject, ports: ConsumerPorts): Promise<void> {
  await ports.consumer.ack(subject.messageId);
  note(subject, ports, { type: 'ack-confirmed' });
}

async function publish(event: UserEvent, subject: Subject, ports: ConsumerPorts): Promise<void> {
  if (ports.results === null) return;
  const { topic, producer } = ports.results;
  const result = resultOf(event);
  const facts = publication(event, subject, topic);
  try {
    const messageId = await producer.send({ key: result.user, payload: encodeEvent(result), properties: {} });
    ports.recorder.record({ ...facts, type: 'return', outcome: 'ok', messageId });
  } catch (thrown) {
    const outcome = isDefinite(thrown) ? 'fail' : 'info';
    ports.recorder.record({ ...facts, type: 'return', outcome, messageId: null });
    throw thrown;
  }
}

function publication(event: UserEvent, { consumer }: Subject, topic: string) {
  const { id: eventId, user, sequence } = resultOf(event);
  return { stream: 'Pub', producer: consumer, topic, eventId, user, sequence } as const;
}

type Note =
  | { readonly type: 'ack-intended' | 'ack-confirmed' | 'nack-intended' }
  | ({ readonly type: 'answered'; readonly operation: StoreOperation['name'] } & ReturnType<typeof answerFacts>)
  | { readonly type: 'failed'; readonly operation: string; readonly definite: boolean; readonly code: string };

function note(subject: Subject, ports: ConsumerPorts, facts: Note): void {
  const { user, sequence } = subject.event;
  ports.recorder.record({
    stream: 'Del',
    consumer: subject.consumer,
    messageId: subject.messageId,
    user,
    sequence,
    ...facts,
  });
}

function handlerFailed(name: PointName, subject: Subject, ports: ConsumerPorts): Answer {
  const code: ErrorCode = 'HANDLER_FAILED';
  note(subject, ports, { type: 'failed', operation: name, definite: true, code });
  return { kind: 'failed', definite: true, code };
}

function failed(name: PointName, subject: Subject, ports: ConsumerPorts, thrown: unknown): Answer {
  if (!(thrown instanceof OrderlabError)) throw thrown;
  const definite = isDefinite(thrown);
  note(subject, ports, { type: 'failed', operation: name, definite, code: thrown.code });
  return { kind: 'failed', definite, code: thrown.code };
}

function isDefinite(thrown: unknown): boolean {
  return thrown instanceof OrderlabError && thrown.outcome === 'definite';
}
