/** W3: one user was created more than once, or two users hold one e-mail at the same time. */
import type { AppBody } from '../model/history';
import type { Law, Report } from './law';
import { nothingLeft } from './law';
import type { RunLedger } from './run-ledger';

/** What a user has by the entries so far. */
interface Account {
  createdAt: number;
  email: string | null;
}

export function doubleCreate(): Law {
  const accounts = new Map<string, Account>();
  const holders = new Map<string, string>();
  return {
    ids: ['W3'],
    sees: ['record'],
    observe(moment, run, report) {
      if (moment.kind !== 'record' || moment.record.stream !== 'App' || moment.record.type !== 'entry') return;
      const { record } = moment;
      const account = accounts.get(record.user) ?? { createdAt: 0, email: null };
      accounts.set(record.user, account);
      if (record.event === 'UserCreated') noteCreation(account, record, run, report);
      if (record.event === 'UserDeleted') account.createdAt = 0;
      if (record.event === 'UserDeleted' || record.email !== null) noteEmail(account, holders, record, run, report);
    },
    finish: nothingLeft,
  };
}

function noteCreation(account: Account, { user: name, sequence }: AppBody, run: RunLedger, report: Report): void {
  const { createdAt } = account;
  account.createdAt = sequence;
  if (createdAt === 0) return;
  report({
    ...{
      id: 'W3',
      user: run.userOf(name),
      sequence,
      isDefinite: true,
      how: 'same-user',
      events: [createdAt, sequence],
    },
    sentence: () => `${name} was created by #${createdAt} and again by #${sequence}`,
  });
}

/** An address that differs in case alone is the same. */
function noteEmail(
  account: Account,
  holders: Map<string, string>,
  { user: name, sequence, email }: AppBody,
  run: RunLedger,
  report: Report,
): void {
  if (account.email !== null && holders.get(account.email) === name) holders.delete(account.email);
  account.email = email?.toLowerCase() ?? null;
  if (account.email === null) return;
  const holder = holders.get(account.email);
  holders.set(account.email, name);
  if (holder === undefined || holder === name) return;
  report({
    ...{ id: 'W3', user: run.userOf(name), sequence, isDefinite: true, how: 'same-email', events: [sequence] },
    sentence: () => `${name} #${sequence} took an e-mail that ${holder} holds`,
  });
}
