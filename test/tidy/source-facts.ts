/** What the rules of the tree need to know about one source file, read from its syntax tree. */
import { parseSync } from '@swc/core';

/** One import, export-from, `import()`, `import type` or `require` with a literal. */
export interface ImportFact {
  readonly specifier: string;
  /** False where the compiler erases it. */
  readonly isValue: boolean;
}

export interface FunctionFact {
  readonly startLine: number;
  readonly lineCount: number;
}

export interface SourceFacts {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly ImportFact[];
  /** Names that nothing in the file binds, such as `Date`; members of Math as `Math.random`. */
  readonly globals: ReadonlySet<string>;
  /** Names behind a dot. */
  readonly members: ReadonlySet<string>;
  /** Functions with a body of statements: an arrow with an expression for a body is an expression. */
  readonly functions: readonly FunctionFact[];
  readonly hasDefaultExport: boolean;
  readonly hasForIn: boolean;
}

/**
 * Put before every source. The parser numbers bytes and scopes across calls, so its first statement tells where this
 * file begins and which scope stands for "bound nowhere".
 */
const PREFIX = 'globalThis;';

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

export function factsOf(path: string, text: string): SourceFacts {
  const parsed = PREFIX + text.replace(/^#!.*/, '');
  const tree = parseSync(parsed, { syntax: path.endsWith('.js') ? 'ecmascript' : 'typescript' });
  const [prefix, ...statements] = tree.body;
  const [nothing] = nodesWithin(prefix).filter(isIdentifier);
  const nodes = nodesWithin(statements);
  const isUnbound = (node: unknown) => isIdentifier(node) && node.ctxt === nothing?.ctxt;
  const lineAt = lineFinder(parsed, prefix?.span.start ?? 0);
  const members = nodes.filter(({ type }) => type === 'MemberExpression');
  const mathMembers = members.filter(({ object }) => isUnbound(object) && nameOf(object) === 'Math');
  return {
    path,
    lineCount: text.trimEnd().split('\n').length,
    imports: nodes.flatMap((node) => importOf(node, isUnbound)),
    globals: new Set([
      ...nodes.filter(isUnbound).map(nameOf),
      ...mathMembers.map(({ property }) => `Math.${nameOf(property)}`),
    ]),
    members: new Set(members.map(({ property }) => nameOf(property))),
    functions: nodes.filter(isFunctionWithStatements).map((node) => functionFact(node, lineAt)),
    hasDefaultExport: nodes.some(({ type }) => type.startsWith('ExportDefault')),
    hasForIn: nodes.some(({ type }) => type === 'ForInStatement'),
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function isIdentifier(value: unknown): value is Node {
  return isNode(value) && value.type === 'Identifier';
}

/** Every node of the tree, parents first. Some wrappers (arguments, a method's function) have no type of their own. */
function nodesWithin(value: unknown): readonly Node[] {
  if (typeof value !== 'object' || value === null) return [];
  const within = Object.values(value).flatMap(nodesWithin);
  return isNode(value) ? [value, ...within] : within;
}

function nameOf(node: unknown): string {
  return isNode(node) && typeof node.value === 'string' ? node.value : '';
}

// ---- Imports

function importOf(node: Node, isUnbound: (node: unknown) => boolean): readonly ImportFact[] {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return isNode(node.source) ? [{ specifier: nameOf(node.source), isValue: isValueImport(node) }] : [];
    case 'TsImportType':
      return [{ specifier: nameOf(node.argument), isValue: false }];
    case 'CallExpression':
      return isLoad(node.callee, isUnbound) ? [{ specifier: firstArgument(node), isValue: true }] : [];
    default:
      return [];
  }
}

function isValueImport(node: Node): boolean {
  if (node.typeOnly === true) return false;
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers : [];
  return specifiers.length === 0 || specifiers.some((specifier) => specifier.isTypeOnly !== true);
}

/** `import(…)` or a `require(…)` that is not a local function of that name. */
function isLoad(callee: unknown, isUnbound: (node: unknown) => boolean): boolean {
  return isNode(callee) && (callee.type === 'Import' || (isUnbound(callee) && nameOf(callee) === 'require'));
}

/** A computed name counts as `?`: no rule can allow what it cannot see. */
function firstArgument(call: Node): string {
  const [first] = call.arguments as readonly { readonly expression: unknown }[];
  return nameOf(first?.expression) || '?';
}

// ---- Functions

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
]);

/** Methods and accessors keep their body in a function of their own. */
function isFunctionWithStatements(node: Node): boolean {
  const { body } = (node.function ?? node) as { readonly body?: unknown };
  return FUNCTIONS.has(node.type) && isNode(body) && /^(FunctionBody|BlockStatement)$/.test(body.type);
}

function functionFact(node: Node, lineAt: (byte: number) => number): FunctionFact {
  const { start, end } = node.span as { readonly start: number; readonly end: number };
  const startLine = lineAt(start);
  return { startLine, lineCount: lineAt(end - 1) - startLine + 1 };
}

/** Line (from 1) of a byte position of the parser, which counts UTF-8 bytes from `base`. */
function lineFinder(text: string, base: number): (byte: number) => number {
  const breaks = [...Buffer.from(text).entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + base);
  return (byte) => {
    let low = 0;
    let high = breaks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((breaks[middle] ?? Number.POSITIVE_INFINITY) < byte) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
