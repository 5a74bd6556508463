/**
 * Recording: a script with what one side showed after each operation, as prose that can be read and compared. Only what
 * changed is told. Recordings of a real broker are kept, so that the model can be held against it where there is none.
 */
import { createHash } from 'node:crypto';
import { invariant } from '../../shared/model/invariant';
import type { Facts } from './facts';
import { reasonFor } from './known-differences';
import { Player } from './player';
import { operationText, type Script } from './script';
import type { Subject } from './subject';
import type { Tempo } from './tempo';

/** Recordings are made in this namespace, since Failover hashes the full names of plain topics. */
export const RECORDED_IN = 'public/conformance-recordings';

/** Longer texts, which are those of many hash ranges, are told by their length and a digest. */
const TEXT_LENGTH_MAX = 80;
const WIDTH = 120;

/** Plays the script on one side alone. Facts after each operation. */
export async function playAlone(script: Script, subject: Subject, tempo: Tempo): Promise<readonly Facts[]> {
  const player = new Player(subject, script, tempo);
  try {
    await player.open();
    const facts: Facts[] = [];
    for (const operation of script.operations) facts.push(await player.play(operation));
    return facts;
  } finally {
    await player.close();
  }
}

/** The recording as text: the intent, then each operation with what it changed. Facts that may differ are left out. */
export function recordingText({ name, intent, operations }: Script, steps: readonly Facts[]): string {
  invariant(steps.length === operations.length, 'a recording has one step per operation');
  const lines = operations.flatMap((operation, index) => {
    const told = (facts: Facts | undefined) =>
      new Map([...(facts ?? [])].filter(([fact]) => reasonFor(name, fact) === null));
    return [`> ${operationText(operation)}`, ...changes(told(steps[index - 1]), told(steps[index]))];
  });
  return [...wrapped(intent), '', ...lines, ''].join('\n');
}

function changes(before: Facts, after: Facts): readonly string[] {
  const facts = [...new Set([...after.keys(), ...before.keys()])].sort();
  return facts
    .filter((fact) => before.get(fact) !== after.get(fact))
    .map((fact) => `  ${fact}: ${shortened(after.get(fact) ?? 'no more')}`);
}

function shortened(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${text.split(' ').length} parts, digest ${digest}`;
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length + 1 > WIDTH) lines.push(word);
    else lines.splice(-1, 1, line === '' ? word : `${line} ${word}`);
  }
  return lines;
}
