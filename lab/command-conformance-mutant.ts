/** `orderlab conformance --mutant`: scripts played on the model with one line changed, judged by recordings of a real Pulsar. */
import { OrderlabError } from '../shared/errors';
import type { Mutant } from './conformance/mutant';
import { type Catch, catchLines, hunt, killLines, kills } from './conformance/mutant-hunt';
import { MUTANTS } from './conformance/mutants';
import type { Script } from './conformance/script';
import { EXIT_BY_VERDICT } from './exit-code';
import { onInterrupt } from './interrupt';
import type { Terminal } from './terminal';

const ALL = 'all';
const LIST = 'list';

export interface MutantFlags {
  /** Of a mutant; `all`: every script on each; `list`: their names. */
  readonly mutant: string;
  readonly json?: boolean;
}

export async function huntMutants(
  { mutant: name, json }: MutantFlags,
  scripts: readonly Script[],
  terminal: Terminal,
): Promise<void> {
  if (name === LIST) {
    for (const mutant of MUTANTS) terminal.print(`${mutant.name}: found out by ${mutant.scripts.join(', ')}`);
    return;
  }
  const isWhole = name === ALL;
  const interrupt = onInterrupt(terminal);
  const mutants = isWhole ? MUTANTS : [mutantNamed(name)];
  const onCatch = (each: Catch): void => {
    if (json !== true) for (const line of catchLines(each)) terminal.print(line);
  };
  try {
    const catches = await hunt({ mutants, scripts, isWhole, onCatch, stop: interrupt });
    if (json === true) terminal.print(JSON.stringify(catchJson(catches, scripts)));
    else if (isWhole) for (const line of killLines(catches, scripts)) terminal.print(line);
    process.exitCode = EXIT_BY_VERDICT[verdictOf(catches, isWhole ? scripts : [], mutants.length)];
  } finally {
    interrupt.release();
  }
}

/** Valid: every mutant is found out by all the scripts that it names, and every one of `scripts` finds out a mutant. */
function verdictOf(catches: readonly Catch[], scripts: readonly Script[], mutantCount: number) {
  const isFoundOut = catches.every(({ found, missed }) => found.length > 0 && missed.length === 0);
  if (isFoundOut && catches.length < mutantCount) return 'unknown';
  const isUseful = [...kills(catches, scripts).values()].every((mutants) => mutants.length > 0);
  return isFoundOut && isUseful ? 'valid' : 'invalid';
}

function catchJson(catches: readonly Catch[], scripts: readonly Script[]): object {
  const mutants = catches.map(({ mutant, found, missed }) => ({
    ...mutant,
    foundOutBy: found.map(({ script }) => script),
    missed,
  }));
  return { mutants, scripts: Object.fromEntries(kills(catches, scripts)) };
}

function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (mutant !== undefined) return mutant;
  throw new OrderlabError('USAGE', { problem: `there is no mutant named "${name}"; --mutant list shows them` });
}
