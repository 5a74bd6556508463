/**
 * W15: what clients were told and what was done differ. A command was executed twice, accepted without an event, refused
 * although its event stands, or answered in two ways.
 */
import { ERRORS } from '../errors';
import type { CmdBody } from '../model/history';
import type { Law, Report } from './law';
import type { RunLedger } from './run-ledger';

type Return = Extract<CmdBody, { readonly type: 'return' }>;
type How = 'executed-twice' | 'accepted-without-event' | 'refused-with-event' | 'two-answers';

/** What became of one command. */
interface Fate {
  readonly user: string;
  /** Its events, by id, in the order of commits. */
  readonly events: Map<string, number>;
  /** Events that its answers named. */
  readonly accepted: Set<string>;
  isRefused: boolean;
}

export function commandOutcome(): Law {
  const fates = new Map<string, Fate>();
  /** A command that the same meaning absorbed names the event of another one. */
  const known = new Set<string>();
  const fateOf = (command: string, user: string): Fate => {
    const fate = fates.get(command) ?? { user, events: new Map(), accepted: new Set(), isRefused: false };
    fates.set(command, fate);
    return fate;
  };
  return {
    ids: ['W15'],
    sees: ['record'],
    observe(moment) {
      if (moment.kind !== 'record') return;
      const { record } = moment;
      if (record.stream === 'App') {
        known.add(record.eventId);
        fateOf(record.command, record.user).events.set(record.eventId, record.sequence);
      }
      if (record.stream === 'Cmd' && record.type === 'return') note(fateOf(record.command, record.user), record);
    },
    finish(run, report) {
      for (const [command, fate] of fates) judge(command, fate, known, run, report);
    },
  };
}

function note(fate: Fate, { outcome, eventId, code }: Return): void {
  if (outcome === 'accepted' && eventId !== null) fate.accepted.add(eventId);
  if (outcome === 'refused' && isDecided(code)) fate.isRefused = true;
}

/** An instance that had no time or no room says nothing about the command: the client asks again. */
function isDecided(code: string | null): boolean {
  const entry = Object.entries(ERRORS).find(([name]) => name === code);
  return entry !== undefined && entry[1].httpStatus < 500;
}

function judge(command: string, fate: Fate, known: ReadonlySet<string>, run: RunLedger, report: Report): void {
  const how = howOf(fate, known);
  if (how === null) return;
  const events = [...fate.events.values()];
  report({
    ...{ id: 'W15', user: run.userOf(fate.user), sequence: events.at(-1) ?? null, isDefinite: true, how, events },
    sentence: () => `command ${command} on ${fate.user} was ${SENTENCES[how]}`,
  });
}

function howOf({ events, accepted, isRefused }: Fate, known: ReadonlySet<string>): How | null {
  if (events.size > 1) return 'executed-twice';
  if (accepted.size > 1 || (accepted.size === 1 && isRefused)) return 'two-answers';
  if ([...accepted].some((id) => !known.has(id))) return 'accepted-without-event';
  return isRefused && events.size > 0 ? 'refused-with-event' : null;
}

const SENTENCES: Readonly<Record<How, string>> = {
  'executed-twice': 'executed more than once',
  'two-answers': 'answered in two ways',
  'accepted-without-event': 'accepted, and there is no such event',
  'refused-with-event': 'refused, and its event stands',
};
