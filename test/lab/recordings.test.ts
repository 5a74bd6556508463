/** The model held against recordings of a real Pulsar 4.2.4, and mutants of the model, which must be found out by them. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Mutant, mutatedSource } from '../../lab/conformance/mutant';
import { catchLines, hunt, killLines } from '../../lab/conformance/mutant-hunt';
import { mutantModels } from '../../lab/conformance/mutant-model';
import { tryModel } from '../../lab/conformance/mutant-trial';
import { MUTANTS } from '../../lab/conformance/mutants';
import { SCRIPTS } from '../../lab/conformance/scripts';

/** Many scripts, on a busy machine. */
jest.setTimeout(60_000);

const FOLDER = path.join(__dirname, '..', 'recordings');
const [MUTANT] = MUTANTS as [Mutant];
const WATCHED = { onCatch: () => {}, stop: { stopping: false } };

describe('the model', () => {
  it('shows in every script what a real broker showed', async () => {
    for (const script of SCRIPTS) {
      const { shown, recorded } = await tryModel(script);
      expect([script.name, shown]).toEqual([script.name, recorded]);
    }
  });

  it('has a recording of every script, and of no other', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(SCRIPTS.map(({ name }) => `${name}.txt`).sort());
  });
});

describe('mutants of the model', () => {
  let models: ReturnType<typeof mutantModels> = new Map();
  beforeAll(() => {
    models = mutantModels(MUTANTS);
  });

  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s: is found out by every script that it names',
    async (_name, mutant) => {
      const scripts = mutant.scripts.map((name) => SCRIPTS.find((each) => each.name === name));
      for (const script of scripts) {
        if (script === undefined) throw new Error(`a script of ${mutant.scripts.join(', ')} is not there`);
        const { shown, recorded } = await tryModel(script, models.get(mutant));
        expect([script.name, shown]).not.toEqual([script.name, recorded]);
      }
    },
  );

  it('are many, no two of them the same, and every script finds out one', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(new Set(MUTANTS.map(({ file, line, instead }) => `${file} ${line} ${instead}`)).size).toBe(MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
    const named = new Set(MUTANTS.flatMap(({ scripts }) => scripts));
    expect(SCRIPTS.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  });

  it('fail loudly when their line is not there any more', () => {
    expect(() => mutatedSource(MUTANT, 'export const changed = true;')).toThrow('stands 0 times');
    expect(() => mutatedSource(MUTANT, MUTANT.line + MUTANT.line)).toThrow('stands 2 times');
  });

  it('are told with what was changed, and where the first script began to differ', async () => {
    const [first] = await hunt({ mutants: [MUTANT], scripts: SCRIPTS, isWhole: false, ...WATCHED });
    const lines = first && catchLines(first);
    expect(lines?.slice(0, 6)).toEqual([
      'draining-is-not-waited-for: shared/simulator/draining-hashes.ts',
      '  - entry.blockedCount += 1;',
      '  - return true;',
      '  + entry.blockedCount += 1;',
      '  + return false;',
      `  found out by ${SCRIPTS.flatMap(({ name }) => (MUTANT.scripts.includes(name) ? [name] : [])).join(', ')}`,
    ]);
    expect(lines).toContain('      c2 got of k2: 3');
  });

  it('are convicted by no script in which the model itself differs from what was recorded', async () => {
    const scripts = SCRIPTS.filter(({ name }) => name === 'draining-join-while-unacked');
    const changed = scripts.map((script) => ({ ...script, operations: script.operations.slice(1) }));
    const [caught] = await hunt({ mutants: [MUTANT], scripts: changed, isWhole: true, ...WATCHED });
    expect(caught).toMatchObject({ found: [], missed: ['draining-join-while-unacked'] });
  });

  it('that nobody finds out are reported, and scripts that find out none', async () => {
    const harmless: Mutant = { ...MUTANT, instead: MUTANT.line, scripts: ['draining-nack'] };
    const scripts = SCRIPTS.filter(({ name }) => name.startsWith('draining-'));
    const [idle] = await hunt({ mutants: [harmless], scripts, isWhole: true, ...WATCHED });
    expect(idle).toMatchObject({ found: [], missed: ['draining-nack'] });
    expect(idle && catchLines(idle)).toContain('  NOT found out by draining-nack');
    expect(killLines(idle ? [idle] : [], scripts).at(-1)).toBe(
      `0 of 1 mutants are found out; 0 of ${scripts.length} scripts find out one`,
    );
  });
});
