/** Shrinking: the smallest part of a script on which the two sides still differ. */
import type { ScriptReport } from './duel';
import { type Command, scriptOf } from './random-script';
import type { Script } from './script';

/** Duels that one difference may cost. */
const SHRINK_DUEL_COUNT_MAX = 40;

/** Leaves out commands, the later ones first, as long as `play` goes on finding a difference. Returns the last report. */
export async function shrink(
  name: string,
  commands: readonly Command[],
  found: ScriptReport,
  play: (script: Script) => Promise<ScriptReport>,
): Promise<ScriptReport> {
  let [smallest, report] = [commands, found];
  let duelCount = 0;
  for (let index = commands.length - 1; index >= 0 && duelCount < SHRINK_DUEL_COUNT_MAX; index -= 1) {
    const smaller = smallest.filter((_, each) => each !== index);
    duelCount += 1;
    const again = await play(scriptOf(`${name}-smaller-${duelCount}`, smaller));
    if (again.end.kind === 'agrees') continue;
    [smallest, report] = [smaller, again];
  }
  return report;
}
