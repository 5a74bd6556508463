/**
 * Models that lie, compiled from the sources of a checkout: the product has no line of theirs. Of each only the files of the
 * model are modules of its own; everything around them, errors above all, is shared with the program that asks.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import type { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { OrderlabError } from '../../shared/errors';
import { invariant } from '../../shared/model/invariant';
import { installation } from '../installation';
import { type Mutant, mutatedSource } from './mutant';

/** The compiler only leaves types out. Far above what it takes on a busy machine. */
const COMPILE_DEADLINE_MS = 60_000;
const COMPILER = path.join('node_modules', 'typescript', 'bin', 'tsc');
const FLAGS = ['--ignoreConfig', '--noCheck', '--noResolve', '--isolatedModules', '--module', 'commonjs'];

/** Names of modules, as a path from the root without its ending, and their texts. */
type Texts = ReadonlyMap<string, string>;
type Open = typeof openEmbeddedBroker;

const ADAPTER = 'shared/adapters/embedded-broker';
const moduleOf = ({ file }: Mutant): string => `shared/simulator/${path.basename(file, '.ts')}`;

/** The model of each mutant, ready to be opened. Errors: USAGE outside a checkout. */
export function mutantModels(mutants: readonly Mutant[]): ReadonlyMap<Mutant, Open> {
  if (!existsSync(path.join(installation.root, `${ADAPTER}.ts`))) {
    throw new OrderlabError('USAGE', {
      problem: 'mutants are made of sources and judged by recordings: use a checkout',
    });
  }
  const sources = modelSources();
  const lies = new Map(
    mutants.map((mutant) => [`${mutant.name}/mutant`, mutatedSource(mutant, sources.get(moduleOf(mutant)) ?? '')]),
  );
  const compiled = compile(new Map([...sources, ...lies]));
  return new Map(
    mutants.map((mutant) => [
      mutant,
      open(new Map(compiled).set(moduleOf(mutant), compiled.get(`${mutant.name}/mutant`) ?? '')),
    ]),
  );
}

function modelSources(): Texts {
  const files = ['shared/simulator', 'shared/adapters'].flatMap((folder) =>
    readdirSync(path.join(installation.root, folder)).map((file) => `${folder}/${file}`),
  );
  const ofModel = files.filter((file) => !file.startsWith('shared/adapters/') || file.startsWith(ADAPTER));
  return new Map(
    ofModel.map((file) => [file.replace(/\.ts$/, ''), readFileSync(path.join(installation.root, file), 'utf8')]),
  );
}

/** All at once, since starting the compiler is what takes time. */
function compile(sources: Texts): Texts {
  const folder = mkdtempSync(path.join(tmpdir(), 'orderlab-mutants-'));
  const at = (place: string, name: string): string => path.join(folder, place, name);
  try {
    for (const [name, text] of sources) {
      mkdirSync(path.dirname(at('source', name)), { recursive: true });
      writeFileSync(at('source', `${name}.ts`), text);
    }
    const files = [...sources.keys()].map((name) => at('source', `${name}.ts`));
    const out = ['--target', 'es2023', '--rootDir', at('source', ''), '--outDir', at('built', '')];
    const args = [path.join(installation.root, COMPILER), ...FLAGS, ...out, ...files];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: COMPILE_DEADLINE_MS,
      cwd: folder,
    });
    invariant(status === 0, `the mutants compile, got: ${stdout}${stderr}`);
    return new Map([...sources.keys()].map((name) => [name, readFileSync(at('built', `${name}.js`), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of what is shared with the program: from the sources in tests, from dist/ everywhere else. */
const requireShared = createRequire(__filename);

function open(texts: Texts): Open {
  const modules = new Map<string, { readonly exports: object }>();
  const load = (name: string): object => {
    const [known, text] = [modules.get(name), texts.get(name)];
    if (known !== undefined) return known.exports;
    if (text === undefined) return requireShared(path.join(__dirname, '..', '..', name)) as object;
    const module = { exports: {} };
    modules.set(name, module);
    const requireFrom = (asked: string): object => {
      invariant(asked.startsWith('.'), 'the model needs no package');
      return load(path.posix.join(path.posix.dirname(name), asked));
    };
    compileFunction(text, ['exports', 'require', 'module'])(module.exports, requireFrom, module);
    return module.exports;
  };
  return (load(ADAPTER) as { readonly openEmbeddedBroker: Open }).openEmbeddedBroker;
}
