/** A real Redis over TLS, with a password: certificates of an authority of our own, and nothing that tells the secret. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../lab/free-port';
import { RedisStandalone } from '../../lab/redis-standalone';
import { run, withoutSecret } from '../../lab/run';
import { systemClock } from '../../shared/adapters/system-clock';
import { PLAN } from '../../shared/scenarios/defaults';
import { apply, credited } from '../contract/store-samples';
import { type Certificates, HAS_OPENSSL, makeCertificates } from '../support/certificates';
import { openTestStore } from '../support/redis-bench';
import { describeOwnRedis } from '../support/redis-server';

const SECRET = 'a-secret-of-the-store';
const DEADLINE_MS = 3_000;

/** A server that was built without TLS stumbles over the first of these settings, another one over the second. */
const complaint = spawnSync('redis-server', ['--tls-port', '0', '--port', 'none'], { encoding: 'utf8' }).stderr;
const HAS_TLS = !String(complaint).includes("'tls-port");
const MISSING = [HAS_OPENSSL ? [] : ['openssl'], HAS_TLS ? [] : ['a redis-server built with TLS']].flat();

describeOwnRedis('over TLS', [], () => {
  if (MISSING.length > 0) {
    it.skip(`is not tried without ${MISSING.join(' and ')}`, () => {});
    return;
  }

  const folder = mkdtempSync(join(tmpdir(), 'orderlab-tls-'));
  let certificates: Certificates;
  let server: RedisStandalone;
  let port: number;
  beforeAll(async () => {
    certificates = makeCertificates(folder);
    port = await freePort();
    const { ca, serverCert, serverKey } = certificates;
    server = await RedisStandalone.open([
      ...['--tls-port', String(port), '--tls-ca-cert-file', ca, '--tls-cert-file', serverCert],
      ...['--tls-key-file', serverKey, '--tls-auth-clients', 'yes', '--user', 'lab', 'on', `>${SECRET}`, '~*', '+@all'],
    ]);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => trust({ ca: certificates.ca, cert: certificates.clientCert, key: certificates.clientKey }));
  afterEach(() => trust({}));

  const url = (host = '127.0.0.1', password = SECRET) => `rediss://lab:${password}@${host}:${port}`;
  const refusal = async (address: string) => {
    const opened = await openTestStore(address, { connectDeadlineMs: DEADLINE_MS }).catch((thrown: unknown) => thrown);
    return opened as { readonly code: string; readonly outcome: string; readonly message: string };
  };

  it('works with certificates of one’s own authority, named by the environment', async () => {
    const { store } = await openTestStore(url());
    expect(await store.execute(apply(credited(1)))).toMatchObject({ outcome: 'applied' });
    await store.erase();
    await store.close();
  });

  it.each<[what: string, isTrusted: boolean, sentence: RegExp]>([
    [
      'of an authority that nobody here trusts',
      false,
      /(self-signed|unable to (verify|get local issuer)).*ORDERLAB_REDIS_CA/,
    ],
    ['where the server wants one of the client, without it', true, /certificate required|closed|ECONNRESET|EPIPE/],
  ])('a certificate %s is refused definitely', async (_what, isTrusted, sentence) => {
    trust(isTrusted ? { ca: certificates.ca } : {});
    const error = await refusal(url());
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', outcome: 'definite' });
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toContain(SECRET);
  });

  it('a certificate for another host is refused definitely', async () => {
    const error = await refusal(url('localhost'));
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', outcome: 'definite' });
    expect(error.message).toMatch(/altnames|does not match/);
  });

  it('a file that is not there is named', async () => {
    trust({ ca: join(folder, 'nowhere.crt') });
    expect(await refusal(url())).toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('a wrong password is refused, and neither it nor the right one is told', async () => {
    const error = await refusal(url('127.0.0.1', 'another-secret'));
    expect(error).toMatchObject({ code: 'STORE_REFUSED' });
    expect(error.message).not.toMatch(/a-secret|another-secret/);
  });

  it('a whole run is valid, and its folder does not hold the password', async () => {
    const workload = { kind: 'synthetic', users: 20, events: 200, skew: 'uniform' } as const;
    const { report, verdict } = await run({
      ...{ plan: { ...PLAN, scenario: 'ad-hoc', seed: '7', workload } },
      ...{
        brokerUrl: 'embedded:',
        storeUrl: url(),
        clock: systemClock,
        skipBadLines: false,
        stop: { stopping: false },
      },
      ...{ folderPath: join(folder, 'run'), replay: `orderlab run --store ${url()} --seed 7` },
    });
    expect({ status: verdict.status, reasons: verdict.reasons }).toMatchObject({ status: 'valid' });
    expect(report.replay).toBe(withoutSecret(report.replay));
    const files = readdirSync(join(folder, 'run'), { recursive: true, encoding: 'utf8' });
    const texts = files.map((name) => join(folder, 'run', name)).filter((path) => statSync(path).isFile());
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((path) => readFileSync(path, 'utf8').includes(SECRET))).toEqual([]);
  });
});

function trust({ ca, cert, key }: { readonly ca?: string; readonly cert?: string; readonly key?: string }): void {
  for (const [variable, path] of [
    ['ORDERLAB_REDIS_CA', ca],
    ['ORDERLAB_REDIS_CERT', cert],
    ['ORDERLAB_REDIS_KEY', key],
  ] as const) {
    if (path === undefined) delete process.env[variable];
    else process.env[variable] = path;
  }
}
