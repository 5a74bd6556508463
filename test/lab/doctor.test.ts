/** `orderlab doctor` on machines that a test makes up: what is missing is named with what gets it, and nothing leaks. */
import { Command } from 'commander';
import { registerDoctor } from '../../lab/command-doctor';
import { WORLD_NAMES, type WorldReport } from '../../lab/doctor';
import { machineProbes, type Probes } from '../../lab/probes';
import { OrderlabError } from '../../shared/errors';

const VARIABLES = ['ORDERLAB_PULSAR_WS', 'ORDERLAB_PULSAR_URL', 'ORDERLAB_REDIS_URL'] as const;
const given = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name];
});
afterEach(() => {
  for (const name of VARIABLES) if (given[name] !== undefined) process.env[name] = given[name];
  process.exitCode = 0;
});

const VERSIONS: Readonly<Record<string, string>> = {
  java: 'openjdk version "17.0.15" 2025-04-15\n',
  mvn: 'Apache Maven 3.9.9 (abc)\n',
  'redis-server': 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n',
};

/** A machine that has everything and where no server is named. */
const COMPLETE: Probes = {
  versionText: async (tool) => VERSIONS[tool] ?? null,
  jars: () => '/cache/lib',
  loadNativeClient: () => {},
  standalone: () => null,
  askWebSocketBroker: async () => {},
  askNativeBroker: async () => {},
  askRedis: async () => {},
};

const BARE: Probes = {
  ...COMPLETE,
  versionText: async () => null,
  jars: () => null,
  loadNativeClient: () => {
    throw new OrderlabError('TOOL_MISSING', { tool: 'pulsar-client', purpose: 'speak', remedy: '`npm install it`' });
  },
};

async function printed(probes: Probes, ...words: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const terminal = { print: (line: string) => lines.push(line), say: () => {}, watch: () => () => {} };
  const program = new Command('orderlab').exitOverride();
  registerDoctor(program, terminal, probes);
  await program.parseAsync(['doctor', ...words], { from: 'user' });
  return lines.join('\n');
}

async function worldsOf(probes: Probes): Promise<Readonly<Record<string, WorldReport>>> {
  const { worlds }: { readonly worlds: readonly WorldReport[] } = JSON.parse(await printed(probes, '--json'));
  expect(worlds.map(({ world }) => world)).toEqual(WORLD_NAMES);
  return Object.fromEntries(worlds.map((world) => [world.world, world]));
}

/** What is missing, with its remedy, as one text. */
function missingIn(report: WorldReport | undefined): string {
  return (report?.parts ?? []).map((part) => (part.isThere ? '' : `${part.what}: ${part.remedy}`)).join('\n');
}

describe('orderlab doctor', () => {
  it('finds every world ready on a machine that has everything, and says what to type next', async () => {
    expect(await printed(COMPLETE)).toBe(
      [
        'embedded  ready',
        `  + Node ${process.versions.node}`,
        '  next: orderlab demo',
        'ws        ready',
        '  + Java 17.0.15',
        '  + the jars of Pulsar 4.2.4 in /cache/lib',
        '  next: orderlab pulsar start',
        'pulsar    ready',
        '  + pulsar-client, its addon and libpulsar',
        '  + Java 17.0.15',
        '  + the jars of Pulsar 4.2.4 in /cache/lib',
        '  next: orderlab pulsar start',
        'redis     ready',
        '  + redis-server 7.0.15',
        '  next: redis-server --save "" --daemonize yes, then orderlab run --store redis://127.0.0.1:6379',
      ].join('\n'),
    );
  });

  it('finds the embedded world ready on a bare machine, and names for the others what gets what is missing', async () => {
    const { embedded, ws, pulsar, redis } = await worldsOf(BARE);
    expect([embedded, ws, pulsar, redis].map((world) => world?.isReady)).toEqual([true, false, false, false]);
    expect(missingIn(ws)).toContain('apt-get install openjdk-17-jre-headless');
    expect(missingIn(ws)).toContain('apt-get install maven');
    expect(missingIn(ws)).toContain('orderlab pulsar jars');
    expect(missingIn(pulsar)).toContain('npm install it');
    expect(missingIn(redis)).toContain('apt-get install redis-server');
  });

  it.each<[string, 'ws' | 'redis', string]>([
    ['java', 'ws', 'openjdk version "11.0.2"'],
    ['java', 'ws', 'java version "1.8.0_402"'],
    ['redis-server', 'redis', 'Redis server v=6.2.14 sha=0'],
  ])('does not take a %s that is too old', async (old, world, text) => {
    const versionText = async (tool: string) => (tool === old ? text : (VERSIONS[tool] ?? null));
    const report = (await worldsOf({ ...COMPLETE, versionText }))[world];
    expect(report?.isReady).toBe(false);
    expect(missingIn(report)).toMatch(/ or newer \(there is [\d._]+\): apt-get install /);
  });

  it('asks for Maven only where the jars are still to be fetched', async () => {
    const tools: string[] = [];
    const versionText = async (tool: string) => {
      tools.push(tool);
      return VERSIONS[tool] ?? null;
    };
    await printed({ ...COMPLETE, versionText });
    expect(tools).not.toContain('mvn');
    const { ws } = await worldsOf({ ...COMPLETE, versionText, jars: () => null });
    expect(tools).toContain('mvn');
    expect(ws?.isReady).toBe(false);
    expect(missingIn(ws)).not.toContain('Maven');
  });

  it('needs neither Java nor jars nor a redis-server where the environment names servers that answer', async () => {
    process.env.ORDERLAB_PULSAR_WS = 'ws://broker:8080';
    process.env.ORDERLAB_PULSAR_URL = 'pulsar://broker:6650';
    process.env.ORDERLAB_REDIS_URL = 'redis://store:6379';
    const { ws, pulsar, redis } = await worldsOf({ ...BARE, loadNativeClient: () => {} });
    expect([ws, pulsar, redis].map((world) => world?.isReady)).toEqual([true, true, true]);
    expect(ws?.next).toBe('orderlab run --broker "$ORDERLAB_PULSAR_WS"');
    expect(pulsar?.next).toBe('orderlab run --broker "$ORDERLAB_PULSAR_URL" --admin http://broker:8080');
  });

  it('finds the standalone that orderlab started', async () => {
    const standalone = () => ({ webSocketUrl: 'ws://127.0.0.1:8080', nativeUrl: 'pulsar://127.0.0.1:6650' });
    const { ws, pulsar } = await worldsOf({ ...COMPLETE, standalone });
    expect(ws?.next).toBe('orderlab run --broker ws://127.0.0.1:8080');
    expect(pulsar?.next).toBe('orderlab run --broker pulsar://127.0.0.1:6650 --admin http://127.0.0.1:8080');
  });

  it('prints no password, neither of a server that answers nor of one that does not', async () => {
    process.env.ORDERLAB_PULSAR_WS = 'ws://me:a-secret@127.0.0.1:1';
    process.env.ORDERLAB_PULSAR_URL = 'pulsar://me:a-secret@127.0.0.1:1';
    process.env.ORDERLAB_REDIS_URL = 'redis://me:a-secret@127.0.0.1:1';
    const texts = [await printed(COMPLETE), await printed({ ...machineProbes, loadNativeClient: () => {} }, '--json')];
    expect(texts.join('\n')).toContain('***@127.0.0.1:1');
    expect(texts.join('\n')).not.toContain('a-secret');
    expect(texts[1]).toContain('ECONNREFUSED');
  });

  it('exits 3 when a world that is required is not ready, and 0 when only others are not', async () => {
    const halfway = { ...BARE, versionText: COMPLETE.versionText, jars: COMPLETE.jars };
    await printed(halfway, '--require', 'ws,redis');
    expect(process.exitCode).toBe(0);
    await printed(halfway, '--require', 'ws,pulsar');
    expect(process.exitCode).toBe(3);
    process.exitCode = 0;
    await printed(BARE);
    expect(process.exitCode).toBe(0);
  });

  it('refuses a world that there is none of', async () => {
    await expect(printed(COMPLETE, '--require', 'kafka')).rejects.toMatchObject({ code: 'USAGE', exitCode: 64 });
  });
});
