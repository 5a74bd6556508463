/** Trials: what a model shows in a script, in virtual time, beside what a real broker showed when it was recorded. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { OrderlabError } from '../../shared/errors';
import { installation } from '../installation';
import { playAlone, RECORDED_IN, recordingText } from './recording';
import type { Script } from './script';
import { openModel } from './subject';
import { virtualTempo } from './tempo';

export interface Trial {
  readonly script: string;
  /** As prose: what the real broker showed, and what this model shows. */
  readonly recorded: string;
  readonly shown: string;
}

/** Plays the script on a model of its own, which is the product's unless `open` is that of a mutant. */
export async function tryModel(script: Script, open?: typeof openEmbeddedBroker): Promise<Trial> {
  const recorded = recordingOf(script.name);
  const tempo = virtualTempo();
  const model = openModel({ namespace: RECORDED_IN, delays: tempo.delays }, tempo.clock, open);
  const breakage = watchBreakage();
  try {
    const facts = await tempo.clock.run(Promise.race([playAlone(script, model, tempo), breakage.broken]));
    const shown = recordingText(script, facts);
    return { script: script.name, recorded, shown };
  } catch (thrown) {
    // A model that breaks shows that.
    return { script: script.name, recorded, shown: `failed: ${String(thrown)}` };
  } finally {
    await model.close().catch(() => {});
    breakage.release();
  }
}

/** A model may break in a timer, where nobody waits for it: that ends its trial and not the program. */
function watchBreakage(): { readonly broken: Promise<never>; release(): void } {
  let fail: (reason: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  broken.catch(() => {});
  process.on('unhandledRejection', fail);
  return { broken, release: () => process.off('unhandledRejection', fail) };
}

/** Errors: FILE_UNREADABLE for a script that nobody has recorded. */
export function recordingOf(script: string): string {
  const file = path.join(installation.root, 'test', 'recordings', `${script}.txt`);
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new OrderlabError('FILE_UNREADABLE', { path: file, cause: 'conformance --record makes it' }, thrown);
  }
}

/** Where the two begin to differ: the operation, and what each told of it. Empty when they do not. */
export function firstDifference({ recorded, shown }: Trial): readonly string[] {
  const [left, right] = [stepsOf(recorded), stepsOf(shown)];
  const index = left.findIndex((step, each) => step !== right[each]);
  if (index === -1) return [];
  return [...sideLines('the broker showed', left[index]), ...sideLines('this model shows', right[index])];
}

function stepsOf(recording: string): readonly string[] {
  return recording.split(/^(?=> )/m);
}

function sideLines(title: string, step = 'nothing more'): readonly string[] {
  return [title, ...step.trimEnd().split('\n')].map((line, index) => (index === 0 ? `  ${line}` : `    ${line}`));
}
