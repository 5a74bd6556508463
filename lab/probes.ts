/**
 * Probes: look at the machine and ask the servers that the environment names. Each ends within its deadline, changes
 * nothing, and fails into a sentence.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { PulsarAdmin } from '../shared/adapters/pulsar-admin';
import { causeText, OrderlabError } from '../shared/errors';
import { brokerToken } from './broker-token';
import type { AskedServer, Found } from './doctor';
import { addressesOf, cacheFolder, dataFolder } from './pulsar-files';
import { readInstance } from './pulsar-instance';
import { jarsIn } from './pulsar-jars';
import { withoutSecret } from './run';

/** Java and Maven start a virtual machine to tell their version. */
const TOOL_DEADLINE_MS = 15_000;
const SERVER_DEADLINE_MS = 3_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** What can be looked at. Tests put their own in its place. */
export interface Probes {
  /** What the tool says when it is asked for its version; null: it is not there, or fails. */
  readonly versionText: (tool: string, argument: string) => Promise<string | null>;
  readonly jars: () => string | null;
  /** Throws TOOL_MISSING. */
  readonly loadNativeClient: () => void;
  /** Addresses of the standalone that `orderlab pulsar start` started; null: none runs. */
  readonly standalone: () => { readonly webSocketUrl: string; readonly nativeUrl: string } | null;
  /** Each resolves when the server answers, and rejects with an OrderlabError. */
  readonly askWebSocketBroker: (url: string) => Promise<void>;
  readonly askNativeBroker: (url: string) => Promise<void>;
  readonly askRedis: (url: string) => Promise<void>;
}

const STANDALONE = 'orderlab pulsar start';

/** All probes at once. A tool that nothing depends on is not asked. */
export async function examine(probes: Probes, environment: Environment): Promise<Found> {
  const { ORDERLAB_PULSAR_WS, ORDERLAB_PULSAR_URL, ORDERLAB_REDIS_URL } = environment;
  const running = probes.standalone();
  const jars = probes.jars();
  const ask = (variable: string, given: string | undefined, found: string | undefined, by: Probe) =>
    given ? asked(given, variable, by) : found === undefined ? null : asked(found, STANDALONE, by);
  const [java, maven, redisServer, webSocketBroker, nativeBroker, redis] = await Promise.all([
    probes.versionText('java', '-version'),
    jars === null ? probes.versionText('mvn', '-version') : null,
    probes.versionText('redis-server', '--version'),
    ask('ORDERLAB_PULSAR_WS', ORDERLAB_PULSAR_WS, running?.webSocketUrl, probes.askWebSocketBroker),
    ask('ORDERLAB_PULSAR_URL', ORDERLAB_PULSAR_URL, running?.nativeUrl, probes.askNativeBroker),
    ask('ORDERLAB_REDIS_URL', ORDERLAB_REDIS_URL, undefined, probes.askRedis),
  ]);
  return {
    nodeVersion: process.versions.node,
    javaVersion: versionIn(java, /version "([^"]+)"/),
    mavenVersion: versionIn(maven, /Apache Maven (\S+)/),
    redisVersion: versionIn(redisServer, /\bv=(\S+)/),
    ...{ jars, nativeProblem: problemOf(probes.loadNativeClient), webSocketBroker, nativeBroker, redis },
  };
}

type Probe = (url: string) => Promise<void>;

async function asked(url: string, namedBy: string, ask: Probe): Promise<AskedServer> {
  const shown = { url: withoutSecret(url), namedBy };
  try {
    await ask(url);
    return { ...shown, problem: null };
  } catch (thrown) {
    return { ...shown, problem: sentenceOf(thrown) };
  }
}

function problemOf(look: () => void): string | null {
  try {
    look();
    return null;
  } catch (thrown) {
    return sentenceOf(thrown);
  }
}

/** What went wrong in the world; our own bugs go on. */
function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof OrderlabError)) throw thrown;
  return withoutSecret(thrown.message);
}

function versionIn(text: string | null, pattern: RegExp): string | null {
  return (text && pattern.exec(text)?.[1]) ?? null;
}

/** The machine that this runs on. */
export const machineProbes: Probes = {
  versionText: (tool, argument) =>
    new Promise((resolve) => {
      execFile(tool, [argument], { timeout: TOOL_DEADLINE_MS }, (error, stdout, stderr) =>
        resolve(error === null ? `${stdout}${stderr}` : null),
      );
    }),
  jars: () => jarsIn(cacheFolder(process.env, homedir())),
  loadNativeClient: () => {
    const { loadNativeLibrary } =
      require('../shared/adapters/pulsar-native-library') as typeof import('../shared/adapters/pulsar-native-library');
    loadNativeLibrary();
  },
  standalone: () => {
    const instance = readInstance(dataFolder(process.env, homedir()));
    if (instance === null) return null;
    const { ORDERLAB_PULSAR_WS: webSocketUrl, ORDERLAB_PULSAR_URL: nativeUrl } = addressesOf(instance);
    return { webSocketUrl, nativeUrl };
  },
  askWebSocketBroker: async (url) => {
    const admin = new PulsarAdmin({
      url: url.replace(/^ws/, 'http'),
      token: brokerToken(),
      deadlineMs: SERVER_DEADLINE_MS,
    });
    await admin.version();
  },
  askNativeBroker: reachSocket,
  askRedis: async (url) => {
    const { connectRedis } =
      require('../shared/adapters/redis-connection') as typeof import('../shared/adapters/redis-connection');
    const deadlines = { connectDeadlineMs: SERVER_DEADLINE_MS, commandDeadlineMs: SERVER_DEADLINE_MS };
    const connection = await connectRedis({ url, ...deadlines }, async () => {});
    await connection.close();
  },
};

/** The first of its addresses takes a connection: to speak the binary protocol takes the native client. */
async function reachSocket(url: string): Promise<void> {
  const what = 'connect';
  const [, ssl, host, port] = /^pulsar(\+ssl)?:\/\/(?:[^@/]*@)?([^:/,]+)(?::(\d+))?/.exec(url) ?? [];
  if (host === undefined) throw new OrderlabError('BROKER_UNREACHABLE', { what, url, cause: 'it is no pulsar:// URL' });
  const socket = connect(Number(port ?? (ssl === undefined ? 6650 : 6651)), host);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(SERVER_DEADLINE_MS) });
  } catch (thrown) {
    const isLate = thrown instanceof Error && thrown.name === 'AbortError';
    const cause = isLate ? `no answer within ${SERVER_DEADLINE_MS} ms` : causeText(thrown);
    throw new OrderlabError('BROKER_UNREACHABLE', { what, url, cause }, thrown);
  } finally {
    socket.destroy();
  }
}
