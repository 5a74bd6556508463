/**
 * W14: a command was refused for its version, although that version was current all the time (nothing ever stood behind
 * it), or what stands behind it is the command's own event: an earlier attempt that its caller never heard of.
 */
import type { CmdBody } from '../model/history';
import type { Law } from './law';

type Return = Extract<CmdBody, { readonly type: 'return' }>;

export function falseConflict(): Law {
  const refused: Return[] = [];
  const accepted = new Set<string>();
  /** The command behind each event, by user and sequence. */
  const commandAt = new Map<string, string>();
  return {
    ids: ['W14'],
    sees: ['record'],
    observe(moment) {
      if (moment.kind !== 'record') return;
      const { record } = moment;
      if (record.stream === 'App' && record.type === 'entry')
        commandAt.set(placeOf(record.user, record.sequence), record.command);
      if (record.stream !== 'Cmd' || record.type !== 'return') return;
      if (record.outcome === 'accepted') accepted.add(record.command);
      /** Who was told that the command is accepted knows what the version is that it meets. */
      if (record.code === 'VERSION_MISMATCH' && !accepted.has(record.command)) refused.push(record);
    },
    finish(run, report) {
      for (const { user: name, expectedVersion, command } of refused) {
        const rival = commandAt.get(placeOf(name, (expectedVersion ?? 0) + 1));
        if (rival !== undefined && rival !== command) continue;
        const how = rival === undefined ? 'no-rival' : 'self';
        report({
          ...{ id: 'W14', user: run.userOf(name), sequence: null, isDefinite: true, how, events: [] },
          sentence: () =>
            how === 'self'
              ? `command ${command} on ${name} was refused for an event of its own`
              : `command ${command} expected version ${expectedVersion} of ${name}, which nobody ever changed`,
        });
      }
    },
  };
}

function placeOf(user: string, sequence: number): string {
  return `${user} ${sequence}`;
}
