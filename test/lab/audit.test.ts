/** `orderlab audit` over the embedded parts: exit codes, what is printed, and what is asked of the servers. */
import { Command } from 'commander';
import { registerAudit } from '../../lab/command-audit';
import type { World, WorldOptions } from '../../lab/world';
import type { EmbeddedStore } from '../../shared/adapters/embedded-store';
import { systemClock } from '../../shared/adapters/system-clock';
import { ProjectorBench } from '../support/projector-bench';
import { credits } from '../support/user-event';

afterEach(() => {
  process.exitCode = 0;
});

const PLACE = ['--broker', 'ws://broker', '--store', 'redis://store', '--namespace', 'acme/users', '--key-prefix', 'm'];

/** An operator's terminal in front of the servers of a bench. */
class Desk {
  readonly opened: WorldOptions[] = [];
  closedCount = 0;

  constructor(private readonly bench: ProjectorBench) {}

  async type(...words: readonly string[]): Promise<{ readonly lines: readonly string[]; readonly exitCode: unknown }> {
    const lines: string[] = [];
    const terminal = { print: (line: string) => lines.push(line), say: () => {}, watch: () => () => {} };
    const program = new Command('orderlab').exitOverride().configureOutput({ writeErr: () => {} });
    registerAudit(program, terminal, (options) => this.open(options));
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
    await program.parseAsync(['audit', '--topic', this.bench.topic, ...words], { from: 'user' });
    return { lines, exitCode: process.exitCode };
  }

  private async open(options: WorldOptions): Promise<World> {
    this.opened.push(options);
    const { broker } = this.bench;
    const store = this.bench.store as EmbeddedStore;
    return {
      ...{ broker, store, clock: systemClock, acknowledgements: 'counted', settle: async () => {}, sever: () => {} },
      effects: async function* () {},
      close: async () => {
        this.closedCount += 1;
      },
    };
  }
}

/** Two users with three events each; the last one of each is acknowledged and lost. */
async function loseTails(): Promise<ProjectorBench> {
  const bench = await ProjectorBench.open();
  await bench.publish(credits(6, 2));
  await bench.acknowledgeUnapplied([3]);
  await bench.project({ strategy: 'version-next-repair' });
  return bench;
}

describe('orderlab audit', () => {
  it('exits 0 on a model that is in step', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(6, 2));
    await bench.project({ strategy: 'version-next-repair' });
    const { lines, exitCode } = await new Desk(bench).type(...PLACE);
    expect(lines).toEqual(['IN STEP: the models of 2 users are where their log is']);
    expect(exitCode).toBe(0);
  });

  it('exits 1 on lost tails and names them, repairs them with --fix, and finds nothing afterwards', async () => {
    const desk = new Desk(await loseTails());
    expect(await desk.type(...PLACE)).toEqual({
      lines: [
        'OUT OF STEP: 2 of 2 users',
        '  u-0 behind: applied to #2, the log goes to #3',
        '  u-1 behind: applied to #2, the log goes to #3',
        'the same command with --fix applies what is missing',
      ],
      exitCode: 1,
    });
    const fixed = await desk.type(...PLACE, '--fix');
    expect(fixed.lines[0]).toBe('REPAIRED: 2 of 2 users were behind; 2 events were applied from the log');
    expect(fixed.exitCode).toBe(0);
    expect((await desk.type(...PLACE)).exitCode).toBe(0);
    expect(desk.closedCount).toBe(3);
  });

  it('exits 1 on a model that is ahead, also with --fix', async () => {
    const bench = await ProjectorBench.open();
    for (const event of credits(2, 2)) await bench.applyUnseen(event);
    const { lines, exitCode } = await new Desk(bench).type(...PLACE, '--fix');
    expect(lines[0]).toBe('OUT OF STEP: 2 of 2 users');
    expect(lines[1]).toBe('  u-0 ahead: applied to #1, the log has nothing of it');
    expect(exitCode).toBe(1);
  });

  it('says that who is behind may only be waiting, where the subscription has a backlog', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(3, 1));
    const { lines } = await new Desk(bench).type(...PLACE, '--subscription', 'projector');
    expect(lines).toContain('3 messages are not acknowledged yet: who is behind may only be waiting for one of them');
  });

  it('prints one JSON object with every user that is out of step, however many there are', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(50, 50));
    const { lines, exitCode } = await new Desk(bench).type(...PLACE, '--json');
    expect(lines).toHaveLength(1);
    const report = JSON.parse(lines[0] ?? '');
    expect(report).toMatchObject({ state: 'out-of-step', fix: false, userCount: 50, appliedCount: 0, backlog: null });
    expect(report.findings).toHaveLength(50);
    expect(exitCode).toBe(1);
    process.exitCode = 0;
    const shown = (await new Desk(bench).type(...PLACE)).lines;
    expect(shown).toContain('  and 30 more users (--json shows all)');
  });

  it('opens the corner as a guest, who neither makes nor removes it', async () => {
    const desk = new Desk(await loseTails());
    await desk.type(...PLACE, '--journal', 'off');
    expect(desk.opened).toMatchObject([
      {
        ...{ brokerUrl: 'ws://broker', storeUrl: 'redis://store', adminUrl: null, role: 'guest' },
        ...{ namespace: 'acme/users', keyPrefix: 'm', audit: false, journal: null },
      },
    ]);
  });

  it('leaves the fields alone for an event that the context does not listen to, and sets no keys where none are set', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(2, 1));
    await new Desk(bench).type(
      ...PLACE,
      '--fix',
      '--listens-to',
      'UserCreated,UserRenamed',
      '--idempotency-keys',
      'off',
    );
    const bodies: unknown[] = [];
    for await (const body of bench.store.dump()) bodies.push(body);
    expect(bodies).toMatchObject([{ type: 'user', version: 2, fields: { balance: 0 } }]);
  });

  it.each<[string, readonly string[]]>([
    ['a broker that ends with the process', ['--broker', 'embedded:']],
    ['a store that ends with the process', ['--store', 'embedded:']],
    ['a namespace without its tenant', ['--namespace', 'users']],
    ['an event type that there is none of', ['--listens-to', 'UserCreated,UserGone']],
  ])('refuses %s as a mistake of the caller', async (_, words) => {
    const desk = new Desk(await ProjectorBench.open());
    await expect(desk.type(...PLACE, ...words)).rejects.toMatchObject({ code: 'USAGE', exitCode: 64 });
    expect(desk.opened).toEqual([]);
  });
});
