/** Installation: where this package lies and which version it is. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { invariant } from '../shared/model/invariant';

/** Found upwards from this file: it runs from the sources in tests and from dist/ everywhere else. */
function packageRoot(from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new Error(`no package.json above ${from}`);
}

function versionOf(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  invariant(typeof manifest === 'object' && manifest !== null && 'version' in manifest, 'package.json has a version');
  return String(manifest.version);
}

const root = packageRoot(__dirname);

/** The root folder of the package, and the versions that every run records. */
export const installation = {
  root,
  versions: { orderlab: versionOf(root), node: process.versions.node },
} as const;
