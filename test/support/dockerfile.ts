/** The Dockerfile without an engine: its COPY and RUN lines carried out in folders, one for each stage. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import { pageText, ROOT } from './markdown-page';

/** One line of the file: its word, and the rest. */
export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

export interface BuiltImage {
  /** What the last stage holds, from its root. */
  readonly folder: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

export function instructions(): readonly Instruction[] {
  const lines = pageText('Dockerfile').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));
}

/** As in the slim image of Node, which has no compiler: what cannot be downloaded is not made here either. */
const NO_COMPILER = { CXX: 'false' };

/**
 * Carries the lines out below `folder`, with these build arguments. Every line has to be of a kind that this knows.
 */
export function buildImage(folder: string, buildArguments: Readonly<Record<string, string>> = {}): BuiltImage {
  const stages = new Map<string, string>();
  const given: Record<string, string> = {};
  let image: BuiltImage = { folder, workdir: '/', environment: {}, command: [] };
  for (const { word, rest } of instructions()) {
    const inside = join(image.folder, image.workdir);
    if (word === 'FROM') {
      const name = / AS (\S+)$/.exec(rest)?.[1] ?? 'final';
      image = { folder: join(folder, name), workdir: '/', environment: {}, command: [] };
      stages.set(name, image.folder);
    } else if (word === 'WORKDIR') {
      image = { ...image, workdir: rest };
      fs.mkdirSync(join(image.folder, rest), { recursive: true });
    } else if (word === 'COPY') copy(rest, inside, stages);
    else if (word === 'RUN') {
      const env = { ...process.env, ...NO_COMPILER, ...given };
      execFileSync('sh', ['-c', rest], { cwd: inside, stdio: 'pipe', env });
    } else if (word === 'ARG') {
      const [name = '', preset = ''] = rest.split('=');
      given[name] = buildArguments[name] ?? preset;
    } else if (word === 'ENV')
      image = { ...image, environment: { ...image.environment, ...Object.fromEntries([rest.split('=')]) } };
    else if (word === 'CMD') image = { ...image, command: JSON.parse(rest) };
    else if (!['USER', 'EXPOSE'].includes(word)) throw new Error(`what does ${word} do?`);
  }
  return image;
}

/** `[--from=STAGE] SOURCE… TARGET`. A folder's contents go to the target, as an engine does it. */
function copy(rest: string, inside: string, stages: ReadonlyMap<string, string>): void {
  const words = rest.split(' ');
  const stage = /^--from=(\S+)$/.exec(words[0] ?? '')?.[1];
  const from = stage === undefined ? ROOT : (stages.get(stage) ?? '');
  const sources = words.slice(stage === undefined ? 0 : 1, -1);
  const target = join(inside, words.at(-1) ?? '');
  for (const source of sources) {
    const path = join(from, source);
    const isInto = words.at(-1)?.endsWith('/') === true && !fs.statSync(path).isDirectory();
    fs.cpSync(path, isInto ? join(target, basename(path)) : target, { recursive: true, verbatimSymlinks: true });
  }
}
