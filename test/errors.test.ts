import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causeText, ERRORS, type ErrorCode, OrderlabError } from '../shared/errors';

const ROOT = join(__dirname, '..');
const CODES = Object.keys(ERRORS) as readonly ErrorCode[];

function placeholders(code: ErrorCode): readonly string[] {
  return [...ERRORS[code].message.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
}

describe('an error of the table', () => {
  it.each(CODES)('%s fills in all of its details and keeps its exit code', (code) => {
    const details = Object.fromEntries(placeholders(code).map((name) => [name, `<${name}>`]));
    const error = new OrderlabError(code, details);
    expect(error.message).not.toMatch(/[{}]/);
    for (const name of placeholders(code)) expect(error.message).toContain(`<${name}>`);
    expect(error).toMatchObject({ code, exitCode: ERRORS[code].exitCode, outcome: ERRORS[code].outcome });
  });

  it('keeps its cause, and says nothing of one that it has not', () => {
    const cause = new Error('the disk is full');
    expect(new OrderlabError('TRACE_EMPTY', { path: 'x' }, cause).cause).toBe(cause);
    expect(Object.hasOwn(new OrderlabError('TRACE_EMPTY', { path: 'x' }), 'cause')).toBe(false);
  });

  it('tells the text of whatever was thrown', () => {
    expect([causeText(new Error('full')), causeText('full'), causeText(undefined)]).toEqual([
      'full',
      'full',
      'undefined',
    ]);
  });

  it('is a sentence for people: no code in it, no full stop that a colon already made', () => {
    for (const code of CODES) expect(ERRORS[code].message).not.toMatch(/[A-Z]{2,}_|\.$/);
  });
});

/** One place that makes an error: its code, and the source text of its details. */
interface Site {
  readonly place: string;
  readonly code: string;
  readonly details: string;
}

/** `new OrderlabError('CODE', {…}`, the same with a code by name, and the broker's `code: 'CODE', details: {…}`. */
const SITE = /(?:new OrderlabError\(\s*|\bcode: (?='[A-Z_]+', details: \{))('[A-Z_]+'|\w+),\s*(?:details: )?(\{|\w+)/g;

function sitesIn(path: string): readonly Site[] {
  const source = readFileSync(join(ROOT, path), 'utf8');
  return [...source.matchAll(SITE)].flatMap((match) => {
    const start = match.index + match[0].length;
    const before = source.slice(0, start);
    const opening = match[2] ?? '';
    const details = opening === '{' ? `{${upToBrace(source.slice(start))}` : declarationOf(opening, before);
    const spread = [...details.matchAll(/\.\.\.(\w+)/g)].map(([, name]) => declarationOf(name ?? '', before));
    const place = `${path}:${source.slice(0, match.index).split('\n').length}`;
    return codesOf(match[1] ?? '', before).map((code) => ({ place, code, details: [details, ...spread].join('') }));
  });
}

/** A code as it stands there, or all that its nearest declaration may give. */
function codesOf(code: string, before: string): readonly string[] {
  const text = code.startsWith("'") ? code : (before.split(new RegExp(`\\bconst ${code}\\b`)).at(-1) ?? '');
  return [...text.matchAll(/'([A-Z_]+)'/g)].map(([, name]) => name ?? '').filter((name) => name in ERRORS);
}

/** The rest of an object literal, its closing brace included. */
function upToBrace(text: string): string {
  let depth = 1;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    if (depth === 0) return text.slice(0, index + 1);
  }
  return text;
}

/** The nearest declaration of a variable before its use. */
function declarationOf(name: string, before: string): string {
  const start = before.lastIndexOf(`const ${name} = {`);
  return start === -1 ? '' : `{${upToBrace(before.slice(before.indexOf('{', start) + 1))}`;
}

/** Names of the outermost properties: `a`, `a: …`, `...{ a }`. Texts are taken out first: they may look like properties. */
function namesIn(details: string): readonly string[] {
  const plain = details.replace(/`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'/g, "''");
  return [...plain.matchAll(/(?:[{,]\s*)(\w+)(?=\s*[:,}])/g)].map(([, name]) => name ?? '');
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}

const SITES = ['shared', 'producers', 'consumers', 'lab'].flatMap(sources).flatMap(sitesIn);

describe('every place that makes an error', () => {
  it('gives it all the details that its sentence asks for', () => {
    const incomplete = SITES.flatMap(({ place, code, details }) => {
      const given = namesIn(details);
      const missing = placeholders(code as ErrorCode).filter((name) => !given.includes(name));
      return missing.length > 0 ? [`${place} ${code} lacks ${missing.join(', ')}`] : [];
    });
    expect(incomplete).toEqual([]);
  });

  it('is found by this test', () => {
    const callCount = ['shared', 'producers', 'consumers', 'lab']
      .flatMap(sources)
      .map((path) => readFileSync(join(ROOT, path), 'utf8').split('new OrderlabError(').length - 1)
      .reduce((sum, count) => sum + count, 0);
    /** One passes on what the simulated broker answered; the places of its answers are in the list. */
    expect(new Set(SITES.map(({ place }) => place)).size).toBeGreaterThanOrEqual(callCount - 1);
  });

  it('leaves no code of the table unused', () => {
    const texts = ['shared', 'producers', 'consumers', 'lab']
      .flatMap(sources)
      .filter((path) => path !== 'shared/errors.ts')
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n');
    expect(CODES.filter((code) => !texts.includes(`'${code}'`))).toEqual([]);
  });

  it('would be told apart from one that forgets a detail', () => {
    expect(namesIn("{ path, cause: causeText(thrown), ...{ line: 3 }, problem: 'a: b, c' }")).toEqual([
      ...['path', 'cause', 'line', 'problem'],
    ]);
  });
});
