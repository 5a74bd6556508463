/** Walks a strategy through given answers and writes down in words what it asks for. */
import { STRATEGIES } from '../../consumers/strategies';
import type { Action, Answer, LoggedEvent, StoreOperation, StoreOutcome } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import { unreachable } from '../../shared/model/invariant';
import type { EventDelivery, StrategyName, StrategySettings } from '../../shared/model/strategy';

export const SETTINGS: StrategySettings = {
  owner: 'c1#1',
  idempotencyKeys: false,
  markerTtlMs: null,
  publishesResult: false,
  onFailure: 'park',
  retryBackoffMs: 10,
  gapDeadlineMs: 100,
  unlistened: 'advance',
  listensTo: null,
};

export function eventOf(sequence: number): UserEvent {
  const envelope = { id: `e${sequence}`, user: 'ada', sequence, intendedAt: 0, schemaVersion: 1 } as const;
  return { ...envelope, type: 'UserCredited', data: { amount: 1 } };
}

export function loggedOf(event: UserEvent): LoggedEvent {
  return { event, digest: event.sequence };
}

/**
 * An answer in one word: an outcome of the store; `ok`; `failed` (definite) or `lost` (nobody knows); `told` (the
 * predecessor was applied) or `due` (the deadline passed); or what the log gave.
 */
export type Word = StoreOutcome | 'ok' | 'failed' | 'lost' | 'told' | 'due' | readonly LoggedEvent[];

export interface Walk {
  readonly settings?: Partial<StrategySettings>;
  readonly delivery?: Partial<EventDelivery>;
}

/** The actions that the strategy asks for: the first one, then one for each answer. The delivery carries event 5. */
export function walk(name: StrategyName, words: readonly Word[], { settings, delivery }: Walk = {}): readonly string[] {
  const strategy = STRATEGIES[name];
  const start: EventDelivery = { messageId: '1:4:-1', ...loggedOf(eventOf(5)), listened: true, ...delivery };
  let step = strategy.start(start, { ...SETTINGS, ...settings });
  const lines = [lineOf(step.action)];
  for (const word of words) {
    // State crosses JSON, so that nothing but plain data can be in it.
    step = strategy.next(JSON.parse(JSON.stringify(step.state)), answerOf(word));
    lines.push(lineOf(step.action));
  }
  return lines;
}

/** The version of a gap: event 2 was applied last. */
const VERSION = 2;

function answerOf(word: Word): Answer {
  if (typeof word !== 'string') return { kind: 'log', events: word };
  switch (word) {
    case 'ok':
      return { kind: 'ok' };
    case 'failed':
    case 'lost':
      return { kind: 'failed', definite: word === 'failed', code: 'HANDLER_FAILED' };
    case 'told':
    case 'due':
      return { kind: 'unparked', because: word === 'told' ? 'predecessor-applied' : 'deadline' };
    case 'present':
    case 'absent':
    case 'noted':
    case 'overlapped':
      return { kind: 'store', answer: { outcome: word } };
    default:
      return { kind: 'store', answer: { outcome: word, version: VERSION, markerPresent: false } };
  }
}

function lineOf(action: Action): string {
  switch (action.kind) {
    case 'store':
      return operationLineOf(action.operation);
    case 'ack':
    case 'nack':
      return action.kind;
    case 'park':
      return `park ${action.reason}, lane ${action.lane}, ${action.deadlineMs ?? 'no'} ms`;
    case 'read-log':
      return `read ${action.user} ${action.fromSequence}..${action.toSequence}`;
    case 'sleep':
      return `sleep ${action.ms} ms`;
    case 'publish':
      return `publish ${action.event.id}`;
    case 'done':
      return `done ${action.outcome}`;
    default:
      return unreachable(action, 'action');
  }
}

function operationLineOf(operation: StoreOperation): string {
  switch (operation.name) {
    case 'apply': {
      const { event, digest, guard, setsMarker, markerTtlMs, changesModel, owner } = operation;
      const key = setsMarker ? `, key ${markerTtlMs ?? 'without end'}` : '';
      return `apply ${event.id}/${digest} ${guard} by ${owner}${key}${changesModel ? '' : ', version only'}`;
    }
    case 'check-marker':
      return `check ${operation.eventId}`;
    case 'claim-marker':
    case 'set-marker':
      return `${operation.name} ${operation.eventId} #${operation.sequence}, ${operation.ttlMs ?? 'without end'}`;
    case 'quarantine':
      return `quarantine ${operation.messageId}: ${operation.reason}`;
    default:
      return operation.name;
  }
}
