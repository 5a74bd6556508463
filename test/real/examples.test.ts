/**
 * The examples as a user has them: in a fresh project with the packed tarball, with nothing but a Redis. They are green
 * as they stand, and the first one is red when its consumer subscribes on Shared.
 */

import { FreshProject } from '../support/fresh-project';
import { describeRedis } from '../support/redis-server';

const JEST_CONFIG = `module.exports = { transform: { '^.+\\\\.ts$': ['@swc/jest', {}] } };`;

/** Type-checks the examples against what the package declares. */
const TYPES_CONFIG = JSON.stringify({
  compilerOptions: {
    ...{ strict: true, noEmit: true, target: 'es2023', module: 'preserve', types: ['node', 'jest'] },
    skipLibCheck: false,
    libReplacement: false,
  },
});

jest.setTimeout(600_000);

describeRedis('the examples, in a fresh project', () => {
  let project: FreshProject;

  beforeAll(() => {
    project = new FreshProject();
    project.install();
    project.copy('test/examples');
    project.write('jest.config.js', JEST_CONFIG);
  });
  afterAll(() => project.remove());

  it('are green: the sound consumer passes, and each of the four faulty ones is found within 20 seeds', () => {
    const { exitCode, output } = project.run('jest');
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
    const told = [...output.matchAll(/^\S+: found with seed (\d+) of 20$/gm)];
    process.stderr.write(`${told.map(([line]) => line).join('\n')}\n`);
    expect(told.map(([, seed]) => Number(seed) <= 20)).toEqual([true, true, true, true]);
  });

  it('are red on Shared: in plain words, with a drawing, the likely fix and the line that replays it', () => {
    const sound = project.read('my-consumer.ts');
    project.write('my-consumer.ts', sound.replace("'KeyShared'", "'Shared'"));
    const { exitCode, output } = project.run('jest', 'my-consumer', '-t', 'keeps the order');
    project.write('my-consumer.ts', sound);
    expect(exitCode).toBe(1);
    for (const part of [
      ...['did not keep the order of each user', 'two consumers hold one user (D5)', 'c1#1 ', '>n received'],
      ...["likely fix: subscribe with subscriptionType: 'KeyShared'", 'seed 1: 3 consumers on shared'],
      'replay: ORDERLAB_REPLAY=1,3,20,30,0.1.2.3 npx jest my-consumer.test.ts -t ',
    ]) {
      expect(output).toContain(part);
    }
  });

  it('are told apart by `orderlab check` and `orderlab explain` as well, from the history that the failure names', () => {
    const sound = project.read('my-consumer.ts');
    project.write('my-consumer.ts', sound.replace("'KeyShared'", "'Shared'"));
    const { output } = project.run('jest', 'my-consumer', '-t', 'keeps the order');
    project.write('my-consumer.ts', sound);
    const [, folder = ''] = /history: orderlab explain (\S+)/.exec(output) ?? [];
    const check = project.run('node', 'node_modules/orderlab/lab/orderlab.js', 'check', folder);
    expect(check.exitCode).toBe(1);
    expect(check.output).toContain('two consumers hold one user (D5)');
    const [, user = ''] = /history: orderlab explain \S+ --user (\S+)/.exec(output) ?? [];
    const told = project.run('node', 'node_modules/orderlab/lab/orderlab.js', 'explain', folder, '--user', user);
    expect(told.output).toMatch(new RegExp(`^user ${user}: shared`));
    expect(told.output).toMatch(/^c\d#1 .*>\d/m);
    expect(told.output).toMatch(/^invalid: .*\((D3|D5|D6)\)/m);
  });

  it('agree with the types that the package declares', () => {
    project.write('tsconfig.json', TYPES_CONFIG);
    expect(project.run('tsc', '-p', '.')).toEqual({ exitCode: 0, output: '' });
  });
});
