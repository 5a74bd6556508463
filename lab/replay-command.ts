/** The command that does it again: what was typed, with the seed in it and without what only says where output goes. */

const DROPPED = ['--seed', '--out', '--html', '--junit', '--metrics-port', '--metrics-host'] as const;
const DROPPED_FLAGS = ['--json', '--watch'] as const;

export function replayCommand(seed: string): string {
  const typed = process.argv.slice(2);
  const kept = typed.filter((word, index) => {
    const before = typed[index - 1] ?? '';
    const [name = ''] = word.split('=');
    return !isOneOf(DROPPED, name) && !isOneOf(DROPPED, before) && !isOneOf(DROPPED_FLAGS, word);
  });
  return ['orderlab', ...kept.map(quoted), '--seed', seed].join(' ');
}

function isOneOf(names: readonly string[], word: string): boolean {
  return names.includes(word);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
