/** Hunt: scripts played on mutants, each judged by what a real broker showed in it. */
import { invariant } from '../../shared/model/invariant';
import type { Mutant } from './mutant';
import { mutantModels } from './mutant-model';
import { firstDifference, type Trial, tryModel } from './mutant-trial';
import type { Script } from './script';

export interface Catch {
  readonly mutant: Mutant;
  /** Of the scripts that were played, those that found it out. */
  readonly found: readonly Trial[];
  /** Names of scripts that it says find it out, were played and did not. */
  readonly missed: readonly string[];
}

export interface HuntOptions {
  readonly mutants: readonly Mutant[];
  readonly scripts: readonly Script[];
  /** Whether every script is tried on every mutant, and not only those that it names. */
  readonly isWhole: boolean;
  readonly onCatch: (each: Catch) => void;
  /** Once it says so no further mutant is begun. */
  readonly stop: { readonly stopping: boolean };
}

/** In the order of the mutants. Errors: USAGE outside a checkout, FILE_UNREADABLE. */
export async function hunt(options: HuntOptions): Promise<readonly Catch[]> {
  const { mutants, isWhole, onCatch, stop } = options;
  const scripts = isWhole ? options.scripts : options.scripts.filter(({ name }) => isNamed(name, mutants));
  const trusted = await trustedScripts(scripts);
  const catches: Catch[] = [];
  for (const [mutant, open] of mutantModels(mutants)) {
    if (stop.stopping) break;
    const trials: Trial[] = [];
    for (const script of scripts) trials.push(await tryModel(script, open));
    const found = trials.filter(({ script, shown, recorded }) => trusted.has(script) && shown !== recorded);
    const missed = trials.filter((trial) => !found.includes(trial) && mutant.scripts.includes(trial.script));
    const each = { mutant, found, missed: missed.map(({ script }) => script) };
    catches.push(each);
    onCatch(each);
  }
  return catches;
}

function isNamed(script: string, mutants: readonly Mutant[]): boolean {
  return mutants.some(({ scripts }) => scripts.includes(script));
}

/** Names of those in which the model itself shows what a real broker showed: the others would convict everybody. */
async function trustedScripts(scripts: readonly Script[]): Promise<ReadonlySet<string>> {
  const trusted = new Set<string>();
  for (const script of scripts) {
    const { shown, recorded } = await tryModel(script);
    if (shown === recorded) trusted.add(script.name);
  }
  return trusted;
}

/** Names of the scripts, each with the mutants that it found out. */
export function kills(catches: readonly Catch[], scripts: readonly Script[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    scripts.map(({ name }) => [
      name,
      catches.flatMap(({ mutant, found }) => (found.some(({ script }) => script === name) ? [mutant.name] : [])),
    ]),
  );
}

/** What was changed, and where the first script that found it out began to differ from the real broker. */
export function catchLines({ mutant, found, missed }: Catch): readonly string[] {
  const { name, file, line, instead } = mutant;
  const [first] = found;
  const difference = first === undefined ? [] : [`  ${first.script} begins to differ:`, ...firstDifference(first)];
  invariant(first === undefined || difference.length > 1, 'what is found out differs somewhere');
  return [
    `${name}: shared/simulator/${file}`,
    ...changeLines('-', line),
    ...changeLines('+', instead),
    `  found out by ${namesText(found.map(({ script }) => script))}`,
    ...(missed.length === 0 ? [] : [`  NOT found out by ${missed.join(', ')}`]),
    ...difference,
  ];
}

/** The sum of a whole hunt: what each script is good for. */
export function killLines(catches: readonly Catch[], scripts: readonly Script[]): readonly string[] {
  const byScript = kills(catches, scripts);
  const idle = [...byScript].flatMap(([script, mutants]) => (mutants.length === 0 ? [script] : []));
  const foundCount = catches.filter(({ found }) => found.length > 0).length;
  return [
    'what each script finds out:',
    ...[...byScript].map(([script, mutants]) => `  ${script}: ${namesText(mutants)}`),
    ...(idle.length === 0 ? [] : [`scripts that find out no mutant: ${idle.join(', ')}`]),
    `${foundCount} of ${catches.length} mutants are found out; ${scripts.length - idle.length} of ${scripts.length} scripts find out one`,
  ];
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? 'NONE' : names.join(', ');
}

function changeLines(sign: string, text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? [`  ${sign}`] : lines.map((line) => `  ${sign} ${line.trim()}`);
}
