/**
 * Operations delivered once, twice and five times, with a record of the request and without: which of them leave the same
 * state is what tells an operation that is idempotent by nature from one that needs a record.
 */
import { createHash } from 'node:crypto';
import { openUserService } from '../../lab/writer-crew';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { systemClock } from '../../shared/adapters/system-clock';
import type { UserCommand } from '../../shared/model/command';
import type { UserEvent } from '../../shared/model/event';
import { CAREFUL, creating, crediting, UNGUARDED } from '../../shared/scenarios/command-rounds';
import { EMPTY_RECORD, foldEvent } from '../../shared/simulator/user-record';
import type { EventStore } from '../../shared/write-ports';

interface Operation {
  readonly name: string;
  /** null: it changes nothing. */
  readonly command: UserCommand | null;
  /** The user exists before it. */
  readonly onExisting: boolean;
}

const OPERATIONS: readonly Operation[] = [
  { name: 'create', command: creating('ada'), onExisting: false },
  { name: 'read', command: null, onExisting: true },
  { name: 'set', command: { type: 'rename', user: 'ada', data: { name: 'Countess' } }, onExisting: true },
  { name: 'delete', command: { type: 'delete', user: 'ada', data: {} }, onExisting: true },
  { name: 'add amount', command: crediting('ada', 10), onExisting: true },
  { name: 'multiply by one', command: crediting('ada', 0), onExisting: true },
];

const REPEATS = [1, 2, 5] as const;

interface OperationRepeats {
  readonly name: string;
  /** Hash of the state after 1, 2 and 5 deliveries. */
  readonly withoutRecord: readonly string[];
  readonly withRecord: readonly string[];
}

async function operationRepeats(): Promise<readonly OperationRepeats[]> {
  const rows: OperationRepeats[] = [];
  for (const operation of OPERATIONS) {
    const withoutRecord = await Promise.all(REPEATS.map((times) => stateAfter(operation, times, false)));
    const withRecord = await Promise.all(REPEATS.map((times) => stateAfter(operation, times, true)));
    rows.push({ name: operation.name, withoutRecord, withRecord });
  }
  return rows;
}

/** The same delivery arrives so often, at once, at an instance that looks before it appends, as naive ones do. */
async function stateAfter({ command, onExisting }: Operation, times: number, recorded: boolean): Promise<string> {
  const store = openEmbeddedEventStore(systemClock);
  const settings = recorded ? CAREFUL : { ...UNGUARDED, guard: 'blind' as const, deliberationMs: 1 };
  const shared = { writer: 'w1', settings, store, clock: systemClock, topic: 'users' } as const;
  const random = seededRandom('1');
  const service = openUserService({ ...shared, random, direct: null, crash: null, onDeath: () => {} }, async () => {});
  const submit = (commandId: string, asked: UserCommand) =>
    service.handle({ commandId, requestKey: `lab:${commandId}`, expectedVersion: null, command: asked });
  if (onExisting) await submit('create', creating('ada'));
  if (command !== null) await Promise.all(Array.from({ length: times }, () => submit('operation', command)));
  return hashOf(await eventsOf(store));
}

async function eventsOf(store: EventStore): Promise<readonly UserEvent[]> {
  return (await store.readAfter(0, 100)).map(({ event }) => event);
}

/** How often the user was added belongs to the state: a second row in a table of users is what everybody fears. */
function hashOf(events: readonly UserEvent[]): string {
  const fields = events.reduce(foldEvent, EMPTY_RECORD.fields);
  const addedCount = events.filter(({ type }) => type === 'UserCreated').length;
  return createHash('sha256')
    .update(JSON.stringify({ ...fields, addedCount }))
    .digest('hex')
    .slice(0, 8);
}

/** Rows of the table in docs/write-side.md. */
export async function operationRows(): Promise<readonly (readonly string[])[]> {
  return (await operationRepeats()).map(({ name, withoutRecord, withRecord }) => {
    const isNatural = new Set(withoutRecord).size === 1;
    return [
      name,
      ...withoutRecord,
      new Set(withRecord).size === 1 ? (withRecord[0] ?? '') : 'differs',
      isNatural ? 'by nature' : 'needs a record',
    ];
  });
}
