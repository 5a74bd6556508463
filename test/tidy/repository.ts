/** The files of this repository, as the rules read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsOf, type SourceFacts } from './source-facts';

const ROOT = join(__dirname, '..', '..');
/** Not ours, or made by a command. */
const IGNORED: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  '.dist-next',
  '.dist-previous',
  'runs',
  'coverage',
  '.git',
  '.orderlab',
]);

/** All files below a folder of the root, as paths from the root. */
export function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter(({ name }) => !IGNORED.has(name));
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The facts of every file below the folders whose name ends so. */
export function sourcesBelow(ending: '.ts' | '.js', ...folders: readonly string[]): readonly SourceFacts[] {
  const files = folders.flatMap(filesBelow).filter((path) => path.endsWith(ending));
  return files.map((path) => factsOf(path, textOf(path)));
}

export function entriesOf(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder));
}
