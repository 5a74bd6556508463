/** Rules about sizes and about the other files of the repository. */
import { LIMITS, RUNTIME_PACKAGES, SHARED_ENTRIES } from './law';
import type { SourceFacts } from './source-facts';

/** The value below which the given share of the values lies; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function fileSizeBreaches(sources: readonly SourceFacts[]): readonly string[] {
  return [
    ...sources
      .filter(({ lineCount }) => lineCount > LIMITS.fileLinesMax)
      .map((each) => tooLong(each.path, each.lineCount, LIMITS.fileLinesMax)),
    ...sources
      .filter(({ path, lineCount }) => path === 'shared/ports.ts' && lineCount > LIMITS.portsLinesMax)
      .map((each) => tooLong(each.path, each.lineCount, LIMITS.portsLinesMax)),
    ...sources
      .filter(({ path }) => path.split('/').length - 1 > LIMITS.folderDepthMax)
      .map(({ path }) => `${path} lies deeper than ${LIMITS.folderDepthMax} folders`),
  ];
}

export function medianBreaches(sources: readonly SourceFacts[]): readonly string[] {
  const median = percentile(
    sources.map(({ lineCount }) => lineCount),
    0.5,
  );
  return median > LIMITS.fileLinesMedianMax ? [tooLong('the median file', median, LIMITS.fileLinesMedianMax)] : [];
}

export function functionSizeBreaches(sources: readonly SourceFacts[]): readonly string[] {
  const p95 = percentile(functionLines(sources), 0.95);
  const long = sources.flatMap(({ path, functions }) =>
    functions
      .filter(({ lineCount }) => lineCount > LIMITS.functionLinesMax)
      .map((each) => tooLong(`the function at ${path}:${each.startLine}`, each.lineCount, LIMITS.functionLinesMax)),
  );
  return p95 > LIMITS.functionLinesP95Max
    ? [...long, tooLong('the 95th percentile of functions', p95, LIMITS.functionLinesP95Max)]
    : long;
}

export function functionLines(sources: readonly SourceFacts[]): readonly number[] {
  return sources.flatMap(({ functions }) => functions.map(({ lineCount }) => lineCount));
}

function tooLong(what: string, lineCount: number, limit: number): string {
  return `${what} has ${lineCount} lines, at most ${limit} are allowed`;
}

/** One `# ` title in each Markdown file; what stands between fences is no title. */
export function titleBreaches(path: string, text: string): readonly string[] {
  const titles = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').match(/^# .+/gm) ?? [];
  return titles.length === 1 ? [] : [`${path} has ${titles.length} titles, one is needed`];
}

export function sharedEntryBreaches(entries: readonly string[]): readonly string[] {
  return entries
    .filter((entry) => !SHARED_ENTRIES.includes(entry))
    .map((entry) => `shared/${entry} is not on the list`);
}

/** Of package.json: runtime packages by name, and every version exact. */
export function packageBreaches(
  runtime: Readonly<Record<string, string>>,
  development: Readonly<Record<string, string>>,
): readonly string[] {
  const all = Object.entries({ ...runtime, ...development });
  const stray = Object.keys(runtime).filter((name) => !Object.hasOwn(RUNTIME_PACKAGES, name));
  const gone = Object.keys(RUNTIME_PACKAGES).filter((name) => !Object.hasOwn(runtime, name));
  return [
    ...stray.map((name) => `${name} is a runtime package without a reason`),
    ...gone.map((name) => `${name} has a reason but is no runtime package`),
    ...all
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
      .map(([name, version]) => `${name} ${version} is not an exact version`),
  ];
}

/** What the lock file knows of one package. */
export interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** Everything comes from a registry and is checked against its hash: no git, no URL, no local folder. */
export function lockBreaches(packages: Readonly<Record<string, LockedPackage>>): readonly string[] {
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  return installed.flatMap(([path, { integrity, resolved, link }]) => {
    if (link === true || integrity === undefined) return [`${path} has no hash in the lock file`];
    return resolved === undefined ? [] : [`${path} names where it came from: ${resolved}`];
  });
}
