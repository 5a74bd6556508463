/**
 * Mutants: the broker model with one line changed. Each is a lie about Pulsar that a named script must find out, by what a
 * real broker showed when the script was recorded.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { transformSync } from '@swc/core';
import { openModel, type Subject, type SubjectOptions } from '../../lab/conformance/subject';
import type { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import type { Clock } from '../../shared/ports';

export interface Mutant {
  /** The lie, in kebab-case. */
  readonly name: string;
  /** In shared/simulator. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly line: string;
  readonly instead: string;
  /** The script that finds it out. */
  readonly script: string;
}

const ROOT = path.join(__dirname, '..', '..');
const BROKER = path.join(ROOT, 'shared', 'adapters', 'embedded-broker');

/** The source with the line changed. Throws when the line is not there, or more than once. */
export function mutatedSource({ name, file, line, instead }: Mutant): string {
  const parts = readFileSync(fileOf(file), 'utf8').split(line);
  if (parts.length !== 2) throw new Error(`mutant ${name}: its line stands ${parts.length - 1} times in ${file}`);
  return parts.join(instead);
}

/** The model that lies, in modules of its own. */
export function openMutant(mutant: Mutant, options: SubjectOptions, clock: Clock): Subject {
  const { code } = transformSync(mutatedSource(mutant), {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  let open: typeof openEmbeddedBroker | null = null;
  jest.isolateModules(() => {
    jest.doMock(fileOf(mutant.file), () => evaluate(code, path.dirname(fileOf(mutant.file))));
    ({ openEmbeddedBroker: open } = require(BROKER) as typeof import('../../shared/adapters/embedded-broker'));
    jest.dontMock(fileOf(mutant.file));
  });
  if (open === null) throw new Error(`mutant ${mutant.name} was not opened`);
  return openModel(options, clock, open);
}

function fileOf(file: string): string {
  return path.join(ROOT, 'shared', 'simulator', file);
}

function evaluate(code: string, folder: string): object {
  const module = { exports: {} };
  const requireFrom = (name: string): unknown => require(name.startsWith('.') ? path.join(folder, name) : name);
  compileFunction(code, ['exports', 'require', 'module'])(module.exports, requireFrom, module);
  return module.exports;
}
