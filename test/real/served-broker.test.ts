/** The broker that the lab serves: every scenario on it, and consumers that are processes and really die, without Java. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCENARIOS_ANYWHERE } from '../../shared/scenarios/registry';
import { orderlab } from '../support/orderlab';
import { describeRedis } from '../support/redis-server';
import { describeServedScenarios } from '../support/served-scenarios';

const RUN_DEADLINE_MS = 300_000;

describeServedScenarios(SCENARIOS_ANYWHERE.map(({ name }) => name));

describeRedis('consumer processes on the embedded broker', (server) => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-served-processes-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([['record-with-effect'], ['crash-before-ack-naive'], ['competing-consumers-naive']])(
    '%s ends as expected',
    async (name) => {
      const words = ['run', '--processes', '--scenario', name, '--expect', '--store', server().url];
      const { exitCode, stdout, stderr } = await orderlab(words, { folder });
      expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
    },
    RUN_DEADLINE_MS,
  );

  it(
    'two of three are killed with SIGKILL and replaced: every event is applied once and in order',
    async () => {
      const workload = ['--users', '50', '--events', '2000', '--consumers', '3', '--kills', '2'];
      const { exitCode, stdout, stderr } = await orderlab(
        ['run', '--processes', ...workload, '--store', server().url, '--json'],
        { folder },
      );
      expect({ exitCode, said: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, said: '' });
      const counts = { published: 2_000, applied: 2_000, crashes: 2, crashesFollowed: 2 };
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'valid', counts });
    },
    RUN_DEADLINE_MS,
  );
});
