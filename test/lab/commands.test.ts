/** Commands without a process of their own: what they print, and the errors that decide about the exit code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { registerCheck } from '../../lab/command-check';
import { registerExplain } from '../../lab/command-explain';
import { registerList } from '../../lab/command-list';
import { registerRepeat } from '../../lab/command-repeat';
import { registerRun } from '../../lab/command-run';
import { ERRORS } from '../../shared/errors';
import { ANOMALY_IDS } from '../../shared/model/anomaly';
import { STRATEGY_NAMES } from '../../shared/model/strategy';
import { SCENARIOS } from '../../shared/scenarios/registry';
import { runOf } from '../support/scenario-run';
import { temporaryFolder } from '../support/virtual-run';

/** Exit codes of commands that end without an error are left in the process. */
afterEach(() => {
  process.exitCode = 0;
});

/** Standard output of a command, line by line. */
async function printed(...words: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const terminal = { print: (line: string) => lines.push(line), say: () => {}, watch: () => () => {} };
  const program = new Command('orderlab').exitOverride().configureOutput({ writeErr: () => {} });
  for (const register of [registerCheck, registerExplain, registerList, registerRepeat, registerRun])
    register(program, terminal);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(words, { from: 'user' });
  return lines;
}

describe('orderlab list', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['scenarios', SCENARIOS.map(({ name }) => name), /^competing-consumers-naive +invalid \(X21, X3\): /],
    ['strategies', STRATEGY_NAMES, /^atomic-setnx +one call: /],
    ['anomalies', ANOMALY_IDS, /^X3 +events swapped \(effect-reorder\): /],
    ['errors', Object.keys(ERRORS), /^TRACE_TRUNCATED +exit 3, outcome definite: /],
  ])('%s shows all that there is, as text and as JSON', async (kind, names, line) => {
    const lines = await printed('list', kind);
    expect(lines.map((text) => text.split(' ')[0])).toEqual(names);
    expect(lines.some((text) => line.test(text))).toBe(true);
    const [json, ...rest] = await printed('list', kind, '--json');
    expect(rest).toEqual([]);
    const rows: readonly { readonly name: string }[] = JSON.parse(json ?? '');
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  it('knows its kinds', async () => {
    await expect(printed('list', 'seeds')).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });
});

describe('orderlab repeat', () => {
  const small = ['--users', '20', '--events', '400', '--consumers', '3', '--kills', '2'];

  /** In a folder of its own: runs of one seed within a second would have one name. */
  const apart = async (...words: readonly string[]): Promise<readonly string[]> => {
    const before = process.cwd();
    process.chdir(temporaryFolder());
    try {
      return await printed(...words);
    } finally {
      process.chdir(before);
    }
  };

  it('plays a run that no scenario describes, and names the seeds of what was found', async () => {
    const words = ['repeat', '--strategy', 'no-guard', ...small, '--runs', '3', '--seed', '1'];
    const [json, ...rest] = await apart(...words, '--json');
    expect(rest).toEqual([]);
    const { runs, doubled, found, replay } = JSON.parse(json ?? '');
    expect(runs).toBe(3);
    expect(found.X2).toHaveLength(doubled);
    expect(doubled).toBeGreaterThan(0);
    expect(process.exitCode).toBe(1);
    expect(replay).toBe(
      'orderlab repeat --strategy no-guard --users 20 --events 400 --consumers 3 --kills 2 --runs 3 --broker embedded: --store embedded: --seed 1',
    );
    const lines = await apart(...words);
    expect(lines).toContain(`  X2 in ${doubled} of 3 runs, with the seeds ${found.X2.join(', ')}`);
  });

  it('finds nothing where the design holds', async () => {
    const [json] = await apart('repeat', ...small, '--runs', '2', '--seed', '1', '--json');
    expect(JSON.parse(json ?? '')).toMatchObject({ runs: 2, unexpected: 0, found: {} });
    expect(process.exitCode).toBe(0);
  });

  it.each<[string, readonly string[], string]>([
    ['an unknown scenario', ['projectr'], 'UNKNOWN_NAME'],
    ['no run at all', ['projector', '--runs', '0'], 'USAGE'],
  ])('refuses %s as a mistake of the caller', async (_, words, code) => {
    await expect(printed('repeat', ...words)).rejects.toMatchObject({ code, exitCode: 64 });
  });

  it.each<[string, readonly string[]]>([
    ['a scenario and options of a run beside it', ['projector', '--kills', '2']],
    ['a trace that can be read once only', ['--trace', '-']],
    ['options that contradict each other', ['--topology', 'exclusive', '--consumers', '2']],
  ])('refuses %s', async (_, words) => {
    await expect(printed('repeat', ...words, '--runs', '1')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('orderlab run', () => {
  it.each<[string, readonly string[], string]>([
    ['an unknown strategy', ['--strategy', 'hope'], 'USAGE'],
    ['an unknown topology', ['--topology', 'ring'], 'USAGE'],
    ['an unknown scenario', ['--scenario', 'projectr'], 'UNKNOWN_NAME'],
    ['--expect without a scenario', ['--expect'], 'USAGE'],
    ['a scenario with an option of its own', ['--scenario', 'projector', '--consumers', '9'], 'USAGE'],
    ['a seed that is none', ['--seed', 'lucky'], 'USAGE'],
    ['a broker that this release does not speak to', ['--broker', 'kafka://localhost'], 'UNSUPPORTED_URL'],
    ['a broker of its own beside another one', ['--broker', 'ws://nowhere', '--own-broker', 'data'], 'USAGE'],
    ['a scenario that this world cannot do', ['--scenario', 'zombie'], 'WORLD_UNFIT'],
    ['a store that this release does not speak to', ['--store', 'memcached://localhost'], 'UNSUPPORTED_URL'],
  ])('refuses %s as a mistake of the caller', async (_, words, code) => {
    const out = join(temporaryFolder(), 'run');
    await expect(printed('run', ...words, '--out', out)).rejects.toMatchObject({ code, exitCode: 64 });
  });

  it('refuses a trace that is not there as a failure of the world', async () => {
    const out = join(temporaryFolder(), 'run');
    await expect(printed('run', '--trace', 'nowhere.gz', '--out', out)).rejects.toMatchObject({
      ...{ code: 'FILE_UNREADABLE', exitCode: 3, message: expect.stringContaining('cannot read nowhere.gz') },
    });
  });
});

describe('on a run folder', () => {
  it.each([
    ['competing-consumers', 0],
    ['competing-consumers-naive', 1],
  ])('orderlab check gives %s the verdict that the run gave', async (name, exitCode) => {
    const { folder, verdict } = await runOf(name, '7');
    const lines = await printed('check', folder, '--json');
    expect(process.exitCode).toBe(exitCode);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ ...verdict, verdict: verdict.status });
  });

  it('orderlab check tells it to people as well', async () => {
    const { folder } = await runOf('competing-consumers-naive', '7');
    expect((await printed('check', folder))[0]).toBe('INVALID: the claim does not hold (claim order+once)');
  });

  it('orderlab explain draws a lane for each consumer, as the run left it in its timeline', async () => {
    const { folder } = await runOf('competing-consumers-naive', '7');
    const text = (await printed('explain', folder)).join('\n').trimEnd();
    expect(text).toBe(readFileSync(join(folder, 'timeline.txt'), 'utf8').trimEnd());
    for (const lane of ['c1#1', 'c2#1']) expect(text).toMatch(new RegExp(`^${lane} `, 'm'));
  });

  it('orderlab explain --user tells the story of that user', async () => {
    const { folder } = await runOf('competing-consumers', '7');
    expect((await printed('explain', folder, '--user', 'bob'))[0]).toMatch(/^user bob: /);
  });
});

describe('a history that cannot be judged', () => {
  const file = (content: string): string => {
    const path = join(temporaryFolder(), 'history.jsonl');
    writeFileSync(path, content);
    return path;
  };

  it.each<[string, () => string, string, RegExp]>([
    [
      'without a header',
      () => file('{"stream":"Run","type":"end","recorder":"supervisor","n":1,"order":1}\n'),
      'HISTORY_WITHOUT_HEADER',
      /history\.jsonl has no header record/,
    ],
    ['that is none', () => file('x\ny\n'), 'HISTORY_LINE_INVALID', /history\.jsonl, line 1: the line is not JSON/],
    ['that is not there', () => 'nowhere', 'FILE_UNREADABLE', /cannot read nowhere/],
  ])('%s is refused by check and explain with a sentence that names the place', async (_, path, code, sentence) => {
    for (const command of ['check', 'explain']) {
      const refused = { code, exitCode: 3, message: expect.stringMatching(sentence) };
      await expect(printed(command, path())).rejects.toMatchObject(refused);
    }
  });
});
