/**
 * W10: one stored entry holds events under several keys, and a Key_Shared subscription reads it. The entry goes whole to the owner
 * of its first key: what the others order by is another consumer's affair, and Key_Shared promises nothing for them.
 */
import { type Law, nothingLeft } from './law';

export function mixedEntry(): Law {
  /** Place of the latest entry that is a batch → the key of its first message. They stand behind each other in the log. */
  const firstKeys = new Map<string, { readonly entry: string; readonly key: string }>();
  return {
    ids: ['W10'],
    sees: ['record'],
    observe(moment, run, report) {
      if (moment.kind !== 'record' || moment.record.stream !== 'Log') return;
      const { topic, partition, key, event, messageId } = moment.record;
      const entry = batchOf(messageId);
      if (topic !== run.header.topic || entry === null || event === null) return;
      const place = `${topic} ${partition}`;
      const first = firstKeys.get(place);
      if (first?.entry !== entry) firstKeys.set(place, { entry, key });
      if (first?.entry !== entry || first.key === key) return;
      const { user, sequence } = event;
      report({
        ...{ id: 'W10', user: run.userOf(user), sequence, isDefinite: true, how: null, events: [sequence] },
        sentence: () => `${user} #${sequence} lies in one entry with events of ${first.key}, and goes where they go`,
      });
    },
    finish: nothingLeft,
  };
}

/** `ledger:entry:partition` of a message inside a batch; null: its entry is its own. */
function batchOf(messageId: string): string | null {
  const parts = messageId.split(':');
  return parts.length === 4 && parts[3] !== '-1' ? parts.slice(0, 3).join(':') : null;
}
