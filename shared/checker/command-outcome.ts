/**
 * W15: what clients were told and what was done differ. A command was executed twice, accepted without an event, refused
 * although its event stands, or answered in two ways.
 *
 * Executions and contradictions count, and not the wording of an answer. A store that has pruned the record of a request
 * cannot give the first answer again; it can still refuse for what that very request had done:
 *   1. the client hears that its command is accepted, with event e;
 *   2. the record is pruned, and the command comes again;
 *   3. it is refused, because of e.
 * The client knew of e before, so the refusal takes nothing back. Without step 1 it would believe that nothing was done,
 * and where the answer blames another event, or none, it cannot tell: both stay W15.
 */
import { isAboutCommand, isErrorCode } from '../errors';
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
  readonly refusals: Refusal[];
}

interface Refusal extends Pick<Return, 'code' | 'eventId' | 'expectedVersion'> {
  /** The client had been told before that the command is accepted. */
  readonly isAfterAcceptance: boolean;
}

export function commandOutcome(): Law {
  const fates = new Map<string, Fate>();
  /** A command that the same meaning absorbed names the event of another one. */
  const known = new Set<string>();
  const fateOf = (command: string, user: string): Fate => {
    const fate = fates.get(command) ?? { user, events: new Map(), accepted: new Set(), refusals: [] };
    fates.set(command, fate);
    return fate;
  };
  return {
    ids: ['W15'],
    sees: ['record'],
    observe(moment) {
      if (moment.kind !== 'record') return;
      const { record } = moment;
      if (record.stream === 'App' && record.type === 'entry') {
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

function note({ accepted, refusals }: Fate, { outcome, eventId, code, expectedVersion }: Return): void {
  if (outcome === 'accepted' && eventId !== null) accepted.add(eventId);
  if (outcome === 'refused' && isDecided(code))
    refusals.push({ code, eventId, expectedVersion, isAfterAcceptance: accepted.size > 0 });
}

/** Otherwise the instance said nothing about the command: the client asks again. */
function isDecided(code: string | null): boolean {
  return isErrorCode(code) && isAboutCommand(code);
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

function howOf(fate: Fate, known: ReadonlySet<string>): How | null {
  const { events, accepted, refusals } = fate;
  const isRefused = refusals.some((refusal) => !isForItself(refusal, fate));
  if (events.size > 1) return 'executed-twice';
  if (accepted.size > 1 || (accepted.size === 1 && isRefused)) return 'two-answers';
  if ([...accepted].some((id) => !known.has(id))) return 'accepted-without-event';
  return isRefused && events.size > 0 ? 'refused-with-event' : null;
}

/** Refused for the event that the client knew as its own: named as the winner, or standing behind the version it meant. */
function isForItself(
  { code, eventId, expectedVersion, isAfterAcceptance }: Refusal,
  { events, accepted }: Fate,
): boolean {
  if (!isAfterAcceptance) return false;
  if (eventId !== null) return accepted.has(eventId);
  const isStale = code === 'VERSION_MISMATCH' && expectedVersion !== null;
  return isStale && [...events.values()].includes(expectedVersion + 1);
}

const SENTENCES: Readonly<Record<How, string>> = {
  'executed-twice': 'executed more than once',
  'two-answers': 'answered in two ways',
  'accepted-without-event': 'accepted, and there is no such event',
  'refused-with-event': 'refused, and its event stands',
};
