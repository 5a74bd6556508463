/** `orderlab conformance --mutant` as a command: what it prints, and how it ends. */
import { huntMutants } from '../../lab/command-conformance-mutant';
import { MUTANTS } from '../../lab/conformance/mutants';
import { SCRIPTS } from '../../lab/conformance/scripts';
import { EXIT_BY_VERDICT } from '../../lab/exit-code';
import { OrderlabError } from '../../shared/errors';

/** Several scripts, on a busy machine. */
jest.setTimeout(60_000);

const NAME = 'draining-is-not-waited-for';

afterEach(() => {
  process.exitCode = undefined;
});

async function printed(mutant: string, json = false): Promise<string[]> {
  const lines: string[] = [];
  const terminal = { print: (line: string) => void lines.push(line), say: () => {}, watch: () => () => {} };
  await huntMutants({ mutant, json }, SCRIPTS, terminal);
  return lines;
}

it('names every mutant with the scripts that find it out', async () => {
  const lines = await printed('list');
  expect(lines).toHaveLength(MUTANTS.length);
  expect(lines[0]).toBe(`${NAME}: found out by ${MUTANTS[0]?.scripts.join(', ')}`);
});

it('ends valid when a mutant is found out, and shows where', async () => {
  const lines = await printed(NAME);
  expect(lines).toContain('  draining-join-while-unacked begins to differ:');
  expect(process.exitCode).toBe(EXIT_BY_VERDICT.valid);
});

it('prints one object for programs', async () => {
  const [line, ...others] = await printed(NAME, true);
  expect(others).toEqual([]);
  const { mutants, scripts } = JSON.parse(line ?? '');
  expect(mutants).toMatchObject([
    { name: NAME, foundOutBy: expect.arrayContaining([...(MUTANTS[0]?.scripts ?? [])]), missed: [] },
  ]);
  expect(scripts['draining-join-while-unacked']).toEqual([NAME]);
});

it('refuses a name that no mutant has', async () => {
  await expect(printed('nobody')).rejects.toThrow(OrderlabError);
});
