/**
 * A real Pulsar for tests: the one at ORDERLAB_PULSAR_WS, or one standalone of our own for all tests of the tier, on free
 * loopback ports, stopped when the tier ends. Without either the tests are skipped by name; ORDERLAB_REQUIRE=pulsar makes
 * that a failure.
 */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { freePort } from '../../lab/free-port';
import { addressesOf, cacheFolder } from '../../lab/pulsar-files';
import { readInstance } from '../../lab/pulsar-instance';
import { jarsIn } from '../../lab/pulsar-jars';
import { type StandaloneOptions, startStandalone } from '../../lab/pulsar-standalone';
import { invariant } from '../../shared/model/invariant';

const GIVEN_URL = process.env.ORDERLAB_PULSAR_WS;
const CACHE = cacheFolder(process.env, homedir());
const IS_REQUIRED = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('pulsar');
const HOW_TO_GET_IT = 'install Java 17 and Maven, or set ORDERLAB_PULSAR_WS';
/** Fetching the jars, where nobody did it before, and a start on an overloaded machine. */
const START_DEADLINE_MS = 15 * 60_000;

export interface PulsarBroker {
  /** `ws://127.0.0.1:8080`. */
  readonly url: string;
  /** The admin API. */
  readonly adminUrl: string;
  /** `pulsar://127.0.0.1:6650`; null: a broker was given, and ORDERLAB_PULSAR_URL does not say where. */
  readonly nativeUrl: string | null;
}

/** Registers tests over whatever Pulsar there is; `broker` is for use inside the tests. */
export function describePulsar(name: string, register: (broker: () => PulsarBroker) => void): void {
  if (GIVEN_URL === undefined && !canStart()) {
    describeMissing(name);
    return;
  }
  describe(`Pulsar: ${name}`, () => {
    let broker: PulsarBroker | null = null;
    beforeAll(async () => {
      broker =
        GIVEN_URL === undefined ? await startOnce() : brokerAt(GIVEN_URL, process.env.ORDERLAB_PULSAR_URL ?? null);
    }, START_DEADLINE_MS);
    register(() => {
      invariant(broker !== null, 'the broker is started before the tests');
      return broker;
    });
  });
}

/** Registers tests that start a standalone of their own; `placeIn` gives them free ports for a data folder. */
export function describeOwnPulsar(
  name: string,
  register: (placeIn: (data: string) => Promise<StandaloneOptions>) => void,
): void {
  if (canStart()) describe(`Pulsar: ${name}`, () => register(placeIn));
  else describeMissing(name);
}

async function placeIn(data: string): Promise<StandaloneOptions> {
  const { brokerPort, httpPort } = { brokerPort: await freePort(), httpPort: await freePort() };
  return { data, cache: CACHE, brokerPort, httpPort, say: () => {}, attached: true };
}

function brokerAt(url: string, nativeUrl: string | null): PulsarBroker {
  return { url, adminUrl: url.replace(/^ws/, 'http'), nativeUrl };
}

function canStart(): boolean {
  const hasJava = spawnSync('java', ['-version']).status === 0;
  return hasJava && (jarsIn(CACHE) !== null || spawnSync('mvn', ['-version']).status === 0);
}

/** The first file that needs it starts it; the later ones find it by its folder. */
async function startOnce(): Promise<PulsarBroker> {
  const data = process.env.ORDERLAB_TEST_PULSAR_DATA;
  invariant(data !== undefined, 'the tier has named a folder for its broker');
  const running = readInstance(data);
  const options = { ...(await placeIn(data)), ...(running ?? {}) };
  await startStandalone(options);
  const { ORDERLAB_PULSAR_WS, ORDERLAB_PULSAR_URL } = addressesOf(options);
  return brokerAt(ORDERLAB_PULSAR_WS, ORDERLAB_PULSAR_URL);
}

function describeMissing(name: string): void {
  const title = `Pulsar: ${name} (there is no broker: ${HOW_TO_GET_IT})`;
  if (IS_REQUIRED) {
    it(title, () => {
      throw new Error(`ORDERLAB_REQUIRE names pulsar: ${HOW_TO_GET_IT}`);
    });
  } else it.skip(title, () => {});
}
