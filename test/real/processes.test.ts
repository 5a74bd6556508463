/** Consumers that really die: every consumer a process, ended with SIGKILL at the point that it announced. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderlab } from '../support/orderlab';
import { describePulsar, type PulsarBroker } from '../support/pulsar-broker';
import { describeRedis, type RedisServer } from '../support/redis-server';

/** A crash between every two steps that a strategy can be killed between, and what needs no crash. */
const SCENARIOS = [
  'ack-after-work',
  'ack-after-work-naive',
  'record-with-effect',
  'crash-before-ack-naive',
  'record-beside-effect-naive',
  'effect-beside-record-naive',
  'competing-consumers',
  'competing-consumers-naive',
  'handler-error',
  'handler-error-naive',
  'projector',
  'projector-naive',
  'scale-read-side',
  'redis-restart',
  'redis-restart-naive',
  'redis-reply-lost',
  'redis-reply-lost-naive',
];

const INSTALLATION = join(__dirname, '..', '..');
const RUN_DEADLINE_MS = 300_000;

describePulsar('consumer processes', (broker) => {
  describeRedis('behind them', (server) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-processes-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    afterEach(() => expect(consumerProcesses()).toEqual([]));

    const onRealParts = (words: readonly string[]) => orderlab([...words, ...placeOf(broker(), server())], { folder });
    const run = (words: readonly string[]) => onRealParts(['run', '--processes', ...words]);

    it.each(SCENARIOS)(
      '%s ends as expected',
      async (name) => {
        const { exitCode, stdout, stderr } = await run(['--scenario', name, '--expect']);
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
      },
      RUN_DEADLINE_MS,
    );

    it(
      'two of three are killed on a real stream and replaced: every event is applied once, in order, under one key',
      async () => {
        const { exitCode, stdout, stderr } = await run([
          '--trace',
          'etcd',
          '--consumers',
          '3',
          '--kills',
          '2',
          '--json',
        ]);
        expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(JSON.parse(stdout)).toMatchObject({
          verdict: 'valid',
          counts: { published: 27_427, applied: 27_427, idempotencyKeys: 27_427, crashes: 2, crashesFollowed: 2 },
        });
      },
      RUN_DEADLINE_MS,
    );

    it(
      'chaos: no kill loses, doubles or swaps anything in the designs that must survive, and the control is harmed',
      async () => {
        const { exitCode, stdout, stderr } = await onRealParts(['chaos', '--kills', '15', '--json']);
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
        const { strategies } = JSON.parse(stdout);
        for (const tally of strategies) expect(tally.counted).toBeGreaterThanOrEqual(15);
      },
      RUN_DEADLINE_MS,
    );

    it(
      'Ctrl-C in the middle of a run ends it in order and leaves no process behind',
      async () => {
        const words = ['run', '--processes', '--events', '5000', '--rate', '200', ...placeOf(broker(), server())];
        const { exitCode, stdout } = await orderlab(words, {
          folder,
          onStart: (child) => {
            child.stderr?.on('data', function stop(text: string) {
              if (!text.includes('applied')) return;
              child.stderr?.off('data', stop);
              child.kill('SIGINT');
            });
          },
        });
        expect(stdout).toContain('interrupted before every event was published');
        expect(exitCode).toBe(2);
      },
      RUN_DEADLINE_MS,
    );
  });
});

function placeOf({ url }: PulsarBroker, server: RedisServer): readonly string[] {
  return ['--broker', url, '--store', server.url];
}

/** Consumer processes of this installation that would outlive their run; another one may have a run of its own. */
function consumerProcesses(): readonly string[] {
  const listed = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => line.includes('serve projector') && line.includes(INSTALLATION));
}
