/** A broker that speaks TLS and asks for a token: the same commands, told by two variables. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../lab/free-port';
import { startStandalone, stopStandalone } from '../../lab/pulsar-standalone';
import { loadNativeLibrary } from '../../shared/adapters/pulsar-native-library';
import { orderlab } from '../support/orderlab';
import { describeOwnPulsar } from '../support/pulsar-broker';
import { type Security, secure } from '../support/pulsar-security';
import { describeOwnRedis } from '../support/redis-server';

const START_DEADLINE_MS = 5 * 60_000;
const RUN_DEADLINE_MS = 300_000;

function isNativeThere(): boolean {
  try {
    loadNativeLibrary();
    return true;
  } catch {
    return false;
  }
}

describeOwnPulsar('over TLS, with a token', (placeIn) => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-security-'));
  const data = join(folder, 'pulsar');
  let security: Security | null = null;
  let places: Readonly<Record<'wss' | 'pulsar+ssl', readonly string[]>> = { wss: [], 'pulsar+ssl': [] };

  beforeAll(async () => {
    const [brokerPortTls, httpPortTls] = [await freePort(), await freePort()];
    security = secure(folder, { brokerPortTls, httpPortTls });
    const { settings, token } = security;
    await startStandalone({ ...(await placeIn(data)), settings, token });
    places = {
      wss: ['--broker', `wss://127.0.0.1:${httpPortTls}`],
      'pulsar+ssl': [
        '--broker',
        `pulsar+ssl://127.0.0.1:${brokerPortTls}`,
        '--admin',
        `https://127.0.0.1:${httpPortTls}`,
      ],
    };
  }, START_DEADLINE_MS);

  afterAll(async () => {
    await stopStandalone(data);
    rmSync(folder, { recursive: true, force: true });
  }, START_DEADLINE_MS);

  const run = (kind: keyof typeof places, environment: Readonly<Record<string, string>>) =>
    orderlab(['run', '--scenario', 'competing-consumers', '--expect', ...places[kind]], { folder, environment });
  const credentials = () => ({
    ORDERLAB_PULSAR_TOKEN: security?.token ?? '',
    NODE_EXTRA_CA_CERTS: security?.certificate ?? '',
  });

  it.each<keyof typeof places>(isNativeThere() ? ['wss', 'pulsar+ssl'] : ['wss'])(
    '%s:// ends as expected, and the token stands nowhere',
    async (kind) => {
      const { exitCode, stdout, stderr } = await run(kind, credentials());
      expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
      const written = textsBelow(join(folder, 'runs'));
      expect(written.length).toBeGreaterThan(0);
      for (const text of [stdout, stderr, ...written]) expect(text).not.toContain(security?.token);
    },
    RUN_DEADLINE_MS,
  );

  describeOwnRedis('behind it', [], (store) => {
    it(
      'a token in a file is enough for consumer processes too, and for who kills one after its acknowledgement',
      async () => {
        const file = join(folder, 'token');
        writeFileSync(file, `${security?.token}\n`, { mode: 0o600 });
        const environment = { NODE_EXTRA_CA_CERTS: security?.certificate ?? '' };
        const words = ['run', '--scenario', 'ack-after-work-naive', '--expect', '--processes', '--token-file', file];
        const place = [...places.wss, '--store', store().url];
        const { exitCode, stdout, stderr } = await orderlab([...words, ...place], { folder, environment });
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
        const written = textsBelow(join(folder, 'runs'));
        for (const text of [stdout, stderr, ...written]) expect(text).not.toContain(security?.token);
      },
      RUN_DEADLINE_MS,
    );
  });

  it.each([
    ['without the token', 'ORDERLAB_PULSAR_TOKEN', /check the token/],
    ['without the certificate', 'NODE_EXTRA_CA_CERTS', /DEPTH_ZERO_SELF_SIGNED_CERT/],
  ])(
    '%s it ends with a sentence',
    async (_case, variable, sentence) => {
      const { exitCode, stderr } = await run('wss', { ...credentials(), [variable]: '' });
      expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(sentence) });
    },
    RUN_DEADLINE_MS,
  );
});

function textsBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [readFileSync(path, 'utf8')];
  return readdirSync(path).flatMap((name) => textsBelow(join(path, name)));
}
