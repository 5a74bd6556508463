/** Rules about who knows whom. Each takes facts and gives one sentence per breach. */
import { dirname, join } from 'node:path/posix';
import { HOST_GLOBALS, LOCALE_MEMBERS, RINGS, type Ring } from './law';
import type { ImportFact, SourceFacts } from './source-facts';

/** Rings, packages and `node:` modules: the import law. */
export function importLawBreaches(sources: readonly SourceFacts[]): readonly string[] {
  return sources.flatMap((source) => {
    const ring = ringOf(source.path);
    if (ring === undefined) return [`${source.path} belongs to no ring`];
    return source.imports.flatMap(({ specifier }) => breach(source.path, ring, specifier));
  });
}

function breach(path: string, ring: Ring, specifier: string): readonly string[] {
  if (specifier.startsWith('.')) {
    const target = join(dirname(path), specifier);
    const targetRing = ringOf(`${target}.ts`);
    if (targetRing === undefined) return [`${path} imports ${target}, which is in no ring`];
    const isAllowed = targetRing === ring ? ring.importsItself : ring.imports.includes(targetRing.name);
    return isAllowed ? [] : [`${path} (${ring.name}) imports ${target} (${targetRing.name})`];
  }
  if (specifier.startsWith('node:')) return ring.knowsHost ? [] : [`${path} (${ring.name}) imports ${specifier}`];
  const isAllowed = ring.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return isAllowed ? [] : [`${path} (${ring.name}) imports the package ${specifier}`];
}

export function ringOf(path: string): Ring | undefined {
  return RINGS.find(({ files }) => files.test(path));
}

/** Time, chance and the machine in a file that must get them as arguments. */
export function purityBreaches(sources: readonly SourceFacts[]): readonly string[] {
  const pure = sources.filter(({ path }) => ringOf(path)?.knowsHost === false);
  return pure.flatMap(({ path, globals, members, hasForIn }) => [
    ...HOST_GLOBALS.filter((name) => globals.has(name)).map((name) => `${path} knows ${name}`),
    ...LOCALE_MEMBERS.filter((name) => members.has(name)).map((name) => `${path} asks for the locale by ${name}`),
    ...(hasForIn ? [`${path} has a for…in, which walks up the prototypes`] : []),
  ]);
}

export function defaultExportBreaches(sources: readonly SourceFacts[]): readonly string[] {
  return sources.filter(({ hasDefaultExport }) => hasDefaultExport).map(({ path }) => `${path} has a default export`);
}

/** Cycles among imports that exist at run time; type imports are erased. */
export function cycleBreaches(sources: readonly SourceFacts[]): readonly string[] {
  const edges = edgesOf(sources, ({ isValue }) => isValue);
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`];
    if (done.has(path)) return [];
    const found = (edges.get(path) ?? []).flatMap((next) => visit(next, [...trail, path]));
    done.add(path);
    return found;
  };
  return sources.flatMap(({ path }) => visit(path, []));
}

/** Files that no entry reaches. A test is an entry for what stands in test/ only: code that only tests use is dead. */
export function deadFileBreaches(sources: readonly SourceFacts[], entries: readonly string[]): readonly string[] {
  const edges = edgesOf(sources, () => true);
  const tests = sources.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
  const alive = reached(entries, edges);
  const aliveInTests = reached([...entries, ...tests], edges);
  const isDead = (path: string) => !(path.startsWith('test/') ? aliveInTests : alive).has(path);
  return sources.filter(({ path }) => isDead(path)).map(({ path }) => `${path} is reached from no entry`);
}

function reached(entries: readonly string[], edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    open.push(...(edges.get(path) ?? []));
  }
  return found;
}

function edgesOf(
  sources: readonly SourceFacts[],
  counts: (fact: ImportFact) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const paths = new Set(sources.map(({ path }) => path));
  return new Map(
    sources.map(({ path, imports }) => {
      const relative = imports.filter((fact) => fact.specifier.startsWith('.') && counts(fact));
      const targets = relative.flatMap(({ specifier }) => {
        const target = join(dirname(path), specifier);
        return [target, `${target}.ts`, `${target}.js`].filter((each) => paths.has(each));
      });
      return [path, targets] as const;
    }),
  );
}
