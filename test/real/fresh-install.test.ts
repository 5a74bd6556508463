/**
 * From nothing: a project that knows the packed tarball and installs jest, the native client without its scripts and ioredis
 * from the registry, as docs/test-your-consumer.md says it. The example is green there and red on Shared, with no server but
 * a Redis. How long each part took is printed; what the tests assert does not depend on it.
 */
import { hasRedis } from '../../lab/testing/testing';
import { FreshProject, RegistryUnreachable } from '../support/fresh-project';
import { pageText } from '../support/markdown-page';
import { describeRedis } from '../support/redis-server';

const [LINE = ''] = /^npm install .*$/m.exec(pageText('docs/test-your-consumer.md')) ?? [];
const IS_REQUIRED = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('registry');

jest.setTimeout(600_000);

/** Before the tests are known: where the registry cannot be reached there are none, whatever else is there. */
const project = new FreshProject();
afterAll(() => project.remove());
const secondsOf: Record<string, number> = {};
const absence = hasRedis() ? absenceOfRegistry() : null;

function absenceOfRegistry(): string | null {
  try {
    timed('installed', () => project.installFromRegistry(LINE));
    return null;
  } catch (thrown) {
    if (!(thrown instanceof RegistryUnreachable) || IS_REQUIRED) throw thrown;
    return thrown.message;
  }
}

function timed<Result>(name: string, work: () => Result): Result {
  const startMs = performance.now();
  try {
    return work();
  } finally {
    secondsOf[name] = Math.round((performance.now() - startMs) / 100) / 10;
  }
}

function report(): void {
  const parts = Object.entries(secondsOf).map(([name, seconds]) => `${name} in ${seconds.toFixed(1)} s`);
  const sum = Object.values(secondsOf).reduce((total, seconds) => total + seconds, 0);
  process.stderr.write(`a fresh project: ${parts.join(', ')}; ${sum.toFixed(1)} s in all\n`);
}

if (absence !== null) {
  const title = `a fresh project (the registry of npm cannot be reached: ${absence})`;
  process.stderr.write(`${title}\n`);
  it.skip(title, () => {});
} else {
  describeRedis('a fresh project, installed from the registry', () => {
    beforeAll(() => {
      for (const name of ['my-consumer.ts', 'my-consumer.test.ts']) project.copyAsJavaScript(`test/examples/${name}`);
    });
    afterAll(report);

    it('has a native client that does not load, and needs none', () => {
      expect(project.run('node', '-e', "require('pulsar-client')").exitCode).not.toBe(0);
    });

    it('is green as the example stands', () => {
      const { exitCode, output } = timed('green', () => project.run('jest', 'my-consumer'));
      expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
    });

    it('is red when its consumer subscribes on Shared', () => {
      const sound = project.read('my-consumer.js');
      project.write('my-consumer.js', sound.replace("'KeyShared'", "'Shared'"));
      const { exitCode, output } = timed('red', () => project.run('jest', 'my-consumer', '-t', 'keeps the order'));
      expect(exitCode).toBe(1);
      expect(output).toContain('two consumers hold one user (D5)');
      expect(output).toContain("likely fix: subscribe with subscriptionType: 'KeyShared'");
    });
  });
}
