/** The whole user service, three times, each a process: one is killed with commands and deliveries under way. */
import type { ChildProcess } from 'node:child_process';
import { openHttpWriter } from '../../lab/api/http-writer';
import { PulsarAdmin } from '../../shared/adapters/pulsar-admin';
import { OrderlabError } from '../../shared/errors';
import type { CommandRequest, UserCommand } from '../../shared/model/command';
import { creating, crediting, usersNamed } from '../../shared/scenarios/command-rounds';
import type { CommandPort } from '../../shared/write-ports';
import { orderlab } from '../support/orderlab';
import { describePulsar } from '../support/pulsar-broker';
import { describeRedis, TEST_PREFIX } from '../support/redis-server';
import { until } from '../support/until';
import { temporaryFolder } from '../support/virtual-run';

const NAMESPACE = `public/user-service-${process.pid}`;
const USERS = usersNamed('user', 60);
/** The first process may have to build. */
const START_DEADLINE_MS = 100_000;
const ATTEMPT_COUNT_MAX = 100;

interface Instance {
  readonly port: CommandPort;
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

async function start(name: string, place: readonly string[]): Promise<Instance> {
  const started: { child: ChildProcess | null; said: string } = { child: null, said: '' };
  const words = ['serve', 'user-service', '--insecure-lab', '--port', '0', '--json', '--name', name, ...place];
  const ended = orderlab(words, {
    folder: temporaryFolder(),
    onStart: (child) => {
      started.child = child;
      child.stdout?.on('data', (text: string) => {
        started.said += text;
      });
    },
  });
  await until(`${name} serves`, () => started.said.includes('\n'), START_DEADLINE_MS);
  const { url } = JSON.parse(started.said) as { readonly url: string };
  if (started.child === null) throw new Error('it was started before it said anything');
  return { port: openHttpWriter(name, url, null), url, child: started.child, ended };
}

function requestOf(command: UserCommand): CommandRequest {
  const commandId = `${command.type}-${command.user}`;
  return { commandId, requestKey: commandId, expectedVersion: null, command };
}

/** Asks one after the other until somebody answers; with the number of attempts that nobody answered. */
async function untilAccepted(command: UserCommand, ports: readonly CommandPort[], first: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPT_COUNT_MAX; attempt += 1) {
    try {
      await ports[(first + attempt) % ports.length]?.submit(requestOf(command));
      return attempt;
    } catch (thrown) {
      const isAsked = thrown instanceof OrderlabError && /^(WRITER_|OVERLOADED|RATE_LIMITED|STORE_)/.test(thrown.code);
      if (!isAsked) throw thrown;
    }
  }
  throw new Error(`${command.type} ${command.user} was never accepted`);
}

describePulsar('three user services', (broker) => {
  describeRedis('behind them', (server) => {
    let instances: readonly Instance[] = [];
    beforeAll(async () => {
      const place = ['--broker', broker().url, '--store', server().url, '--namespace', NAMESPACE];
      const corner = [...place, '--key-prefix', `${TEST_PREFIX}:user-service`];
      /** The first one makes the corner. */
      const first = await start('s1', corner);
      instances = [first, ...(await Promise.all(['s2', 's3'].map((name) => start(name, corner))))];
    }, START_DEADLINE_MS * 2);
    afterAll(async () => {
      for (const { child } of instances) child.kill('SIGKILL');
      await Promise.all(instances.map(({ ended }) => ended));
      await new PulsarAdmin({ url: broker().adminUrl }).deleteNamespace(NAMESPACE);
    });

    it('lose one in the middle of its work, and every command is done once and read by everybody', async () => {
      const ports = instances.map(({ port }) => port);
      const [victim, survivor] = instances;
      if (victim === undefined || survivor === undefined) throw new Error('three were started');
      await Promise.all(USERS.map((user, index) => untilAccepted(creating(user), ports, index)));
      /** Everybody asks the victim. It stands still from its first answer on, so that what follows is under way when it dies. */
      const credits = USERS.slice(0, 40).map((user) => untilAccepted(crediting(user, 7), ports, 0));
      await Promise.race(credits);
      victim.child.kill('SIGSTOP');
      const late = USERS.slice(40).map((user) => untilAccepted(crediting(user, 7), ports, 0));
      victim.child.kill('SIGKILL');
      const lost = await Promise.all([...credits, ...late]);
      expect(lost.slice(40).every((attempts) => attempts > 0)).toBe(true);
      const states: unknown[] = [];
      for (const user of USERS) {
        await until(`${user} is projected`, async () => {
          const answer = await fetch(`${survivor.url}/users/${user}?min-version=2`);
          if (answer.status !== 200) return false;
          states.push(await answer.json());
          return true;
        });
      }
      expect(states).toEqual(USERS.map((user) => expect.objectContaining({ name: user, version: 2, balance: 7 })));
    });
  });
});
