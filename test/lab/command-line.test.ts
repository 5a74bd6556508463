/** The contract of the command line: exit codes, what goes to which output, and that a replay replays. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type CommandRun, orderlab } from '../support/orderlab';
import { temporaryFolder } from '../support/virtual-run';

const SMALL = ['--users', '40', '--events', '400'];
/** Runs without an order to keep: they end in an X3 whatever the seed. */
const BROKEN = ['run', '--scenario', 'competing-consumers-naive'];

/** The first process may have to build. */
jest.setTimeout(60_000);

let folder = '';
beforeAll(() => {
  folder = temporaryFolder();
});

function type(...words: readonly string[]): Promise<CommandRun> {
  return orderlab(words, { folder });
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n');
}

/** The one JSON object on standard output. */
function objectOf({ stdout }: CommandRun): Readonly<Record<string, unknown>> {
  expect(linesOf(stdout)).toHaveLength(1);
  return JSON.parse(stdout);
}

/** Looks every few milliseconds: what happens in another process gives no sign. */
function onceTrue(condition: () => boolean, act: () => void): void {
  const timer = setInterval(() => {
    if (!condition()) return;
    clearInterval(timer);
    act();
  }, 5);
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const TRACE_LINE = '{"at":1,"user":"ada","type":"UserCreated","data":{"name":"Ada","email":"ada@example.org"}}';

describe('orderlab run', () => {
  it('prints the seed first and the replay command last, and the replay gives the same verdict', async () => {
    const first = await type('run', ...SMALL, '--kill-one', '--out', 'first');
    const lines = linesOf(first.stdout);
    expect(first.exitCode).toBe(0);
    expect(lines[0]).toMatch(/^seed 0x[0-9a-f]{1,12}$/);
    expect(lines[1]).toBe('VALID: every event took effect as claimed (claim order+once)');
    const replay = lines.at(-1) ?? '';
    expect(replay).toMatch(/^replay: orderlab run --users 40 --events 400 --kill-one --seed 0x[0-9a-f]{1,12}$/);
    const second = await type(...replay.split(' ').slice(2), '--out', 'second');
    expect(second.exitCode).toBe(0);
    expect(linesOf(second.stdout)[0]).toBe(lines[0]);
    const logs = ['first', 'second'].map((name) => readFileSync(join(folder, name, 'plan.json'), 'utf8'));
    expect(logs[0]).toBe(logs[1]);
  });

  it('exits 1 on a broken claim and says how to see it', async () => {
    const { exitCode, stdout } = await type(...BROKEN, '--seed', '7', '--out', 'broken');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('INVALID: the claim does not hold');
    expect(stdout).toContain('events swapped (X3)');
    expect(stdout).toMatch(/see it: orderlab explain .*broken\n/);
  });

  it('exits 0 on the same with --expect, since the scenario states it, and leaves a JUnit file', async () => {
    const { exitCode, stdout } = await type(...BROKEN, '--expect', '--out', 'expected', '--junit', 'expected.xml');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('AS EXPECTED by the scenario');
    expect(readFileSync(join(folder, 'expected.xml'), 'utf8')).toContain('failures="0" errors="0"');
  });

  it('exits 2 on a run below its floors', async () => {
    const { exitCode, stdout } = await type('run', '--users', '3', '--events', '6');
    expect(exitCode).toBe(2);
    expect(stdout).toContain('UNKNOWN: the run cannot be judged');
    expect(stdout).toContain('too little happened (H1)');
  });

  it('with --json prints one object with everything in it, and nothing else', async () => {
    const run = await type(...BROKEN, '--json', '--out', 'json');
    expect(run.exitCode).toBe(1);
    const report = objectOf(run);
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining([
        ...['verdict', 'claim', 'reasons', 'anomalies', 'counts', 'resultTopic', 'seed', 'replay'],
        ...['eventsPerSecond', 'versions', 'runFolder'],
      ]),
    );
    expect(Object.keys(report.counts as object)).toEqual(
      expect.arrayContaining([
        ...['published', 'delivered', 'redelivered', 'applied', 'duplicatesAbsorbed', 'parked', 'quarantined'],
        ...['users', 'idempotencyKeys'],
      ]),
    );
    const anomalies = report.anomalies as readonly Readonly<Record<string, unknown>>[];
    for (const anomaly of anomalies)
      expect(Object.keys(anomaly)).toEqual(expect.arrayContaining(['id', 'name', 'count', 'status', 'witness']));
    expect(report).toMatchObject({ verdict: 'invalid', resultTopic: [2, 1, 4, 3], runFolder: join(folder, 'json') });
    expect(run.stderr).toContain(`seed ${String(report.seed)}`);
  });

  it('reads a trace from standard input and leaves out the lines that it is allowed to leave out', async () => {
    const input = `${TRACE_LINE}\nno json\n${TRACE_LINE.replaceAll('ada', 'bob')}\n`;
    const words = ['run', '--trace', '-', '--skip-bad-lines', '--json'];
    const run = await orderlab(words, { folder, input });
    expect(run.exitCode).toBe(2);
    expect(objectOf(run)).toMatchObject({ badLines: 1, counts: { published: 2, applied: 2 } });
  });
});

describe('orderlab repeat', () => {
  it('counts what became of its runs, says how much that is worth, and ends as their scenario states', async () => {
    const { exitCode, stdout } = await type('repeat', 'competing-consumers', '--runs', '3', '--seed', '1');
    expect(linesOf(stdout)).toEqual([
      '0 of 3 runs out of order, below 63.2 % of runs at 95 %',
      '  0 lost an event, 0 applied one twice, 0 unknown, 0 not as expected',
      'replay: orderlab repeat competing-consumers --runs 3 --broker embedded: --store embedded: --seed 1',
    ]);
    expect(exitCode).toBe(0);
  });

  it('draws the seeds of its runs from its own, and counts the broken twin too', async () => {
    const words = ['repeat', 'competing-consumers-naive', '--runs', '2', '--json'];
    /** Folders of their own: a run folder is named by scenario, seed and second, and two of these are alike. */
    const typeApart = (seed: string) => orderlab([...words, '--seed', seed], { folder: temporaryFolder() });
    const [first, again, other] = await Promise.all(['1', '1', '2'].map(typeApart));
    expect([first?.exitCode, again?.exitCode, other?.exitCode]).toEqual([0, 0, 0]);
    const seeds = ({ stderr }: CommandRun) => [...stderr.matchAll(/run \d, seed (\d+)/g)].map(([, seed]) => seed);
    expect(objectOf(first as CommandRun)).toMatchObject({ runs: 2, outOfOrder: 2, doubled: 0, unexpected: 0 });
    expect(seeds(first as CommandRun)).toEqual(seeds(again as CommandRun));
    expect(seeds(first as CommandRun)).not.toEqual(seeds(other as CommandRun));
    expect(new Set(seeds(first as CommandRun)).size).toBe(2);
  });
});

describe('a mistake of the caller', () => {
  it.each([
    ['an unknown command', ['runn']],
    ['an unknown option', ['run', '--consumer', '4']],
    ['an unknown scenario', ['run', '--scenario', 'projectr']],
    ['an unknown strategy', ['run', '--strategy', 'hope']],
  ])('%s exits 64 with a sentence, and with one JSON object where that was asked for', async (_, words) => {
    const run = await type(...words, '--json');
    expect(run.exitCode).toBe(64);
    expect(objectOf(run)).toEqual({ error: { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) } });
    expect(run.stderr).toMatch(/\S+ \S+/);
    expect(run.stderr).not.toMatch(/^ {4}at /m);
  });

  it('without --json leaves standard output empty', async () => {
    const { exitCode, stdout, stderr } = await type('run', '--scenario', 'projectr');
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toBe(
      'orderlab: UNKNOWN_NAME: there is no scenario named "projectr"; `orderlab list scenarios` shows them\n',
    );
  });
});

describe('a failure of the world', () => {
  const trace = gzipSync(`${TRACE_LINE}\n`.repeat(50));

  it.each<[string, () => readonly string[], RegExp]>([
    [
      'a truncated trace',
      () => ['run', '--trace', write('cut.gz', trace.subarray(0, trace.length - 9))],
      /^orderlab: TRACE_TRUNCATED: cut\.gz ends in the middle of its compressed stream: fetch it again$/m,
    ],
    [
      'a malformed line',
      () => ['run', '--trace', write('bad.jsonl', `${TRACE_LINE}\n\n{"at":1}\n`)],
      /^orderlab: TRACE_LINE_INVALID: bad\.jsonl, line 3: .+ --skip-bad-lines /m,
    ],
  ])('%s exits 3 with a sentence that names the place', async (_, words, sentence) => {
    const { exitCode, stdout, stderr } = await type(...words());
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(sentence);
    expect(stdout).toMatch(/^(seed \S+\n)?$/);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('help', () => {
  it('teaches with the common options and examples; --all adds the rest', async () => {
    const [common, all] = await Promise.all([type('run', '--help'), type('help', '--all')]);
    expect(common.exitCode).toBe(0);
    expect(all.exitCode).toBe(0);
    for (const option of ['--scenario', '--trace', '--kill-one', '--json']) expect(common.stdout).toContain(option);
    expect(common.stdout).toContain('Exit codes: 0 valid, 1 invalid, 2 unknown, 3 infrastructure, 64 usage.');
    expect(common.stdout).toContain('orderlab run --scenario competing-consumers-naive --expect');
    for (const option of ['--skip-bad-lines', '--audit', '--on-failure']) {
      expect(common.stdout).not.toContain(`${option} `);
      expect(all.stdout).toContain(option);
    }
  });
});

describe('Ctrl-C', () => {
  it('brings a run to an orderly end that is no verdict of validity', async () => {
    const producerFile = join(folder, 'stopped', 'history', 'producer.jsonl');
    const run = await orderlab(['run', ...SMALL, '--rate', '100', '--out', 'stopped'], {
      folder,
      onStart: (child) =>
        onceTrue(
          () => existsSync(producerFile) && linesOf(readFileSync(producerFile, 'utf8')).length > 20,
          () => child.kill('SIGINT'),
        ),
    });
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toContain('UNKNOWN: the run cannot be judged');
    expect(run.stdout).toContain('interrupted before every event was published');
    expect(run.stderr).toContain('stopping: nothing more is published');
    for (const name of ['config.json', 'plan.json', 'verdict.json', 'timeline.txt'])
      expect(existsSync(join(folder, 'stopped', name))).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'stopped', 'verdict.json'), 'utf8')).counts.published).toBeLessThan(
      400,
    );
    const ends = readFileSync(join(folder, 'stopped', 'history', 'c1#1.jsonl'), 'utf8').trimEnd();
    expect(ends).toMatch(/"stream":"Run","type":"end"\}$/);
  });
});

describe('orderlab demo', () => {
  it('shows order broken, order kept and a real stream, in 25 lines, and what to type next', async () => {
    const { exitCode, stdout, stderr } = await type('demo');
    const lines = linesOf(stdout);
    expect(exitCode).toBe(0);
    expect(lines.length).toBeLessThanOrEqual(25);
    expect(stdout).toContain('topic B  2 1 4 3   ORDER BROKEN: events swapped (X3)');
    expect(stdout).toContain('topic B  1 2 3 4   ORDER KEPT');
    expect(stdout).toMatch(/6056 applied, each once and in order; .*verdict valid/);
    const next = lines.slice(lines.indexOf('Next:') + 1);
    expect(next).toHaveLength(4);
    for (const command of next) expect(command).toMatch(/^ {2}npx orderlab (run|explain|list) /);
    /** No terminal is there, so no escape is, in either output. */
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});
