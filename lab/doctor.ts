/**
 * Doctor: what each world needs, judged from what was found on the machine. Pure: probes find (lab/probes.ts), this
 * says what it means and which command gets what is missing.
 */
import { PULSAR_VERSION } from './pulsar-files';

/** By the scheme of their URLs; `embedded` is the simulated world too. */
export const WORLD_NAMES = ['embedded', 'ws', 'pulsar', 'redis'] as const;
export type WorldName = (typeof WORLD_NAMES)[number];

/** A server that was asked for an answer. */
export interface AskedServer {
  /** Without a password. */
  readonly url: string;
  /** Who says that it is there: an environment variable, or the standalone of `orderlab pulsar start`. */
  readonly namedBy: string;
  /** Why it cannot be used; null: it answered. */
  readonly problem: string | null;
}

/** What a machine has. */
export interface Found {
  readonly nodeVersion: string;
  /** Versions; null: there is no such tool. */
  readonly javaVersion: string | null;
  readonly mavenVersion: string | null;
  readonly redisVersion: string | null;
  /** Folder of the jars of a Pulsar standalone; null: nobody has fetched them. */
  readonly jars: string | null;
  /** Why the native client cannot be loaded; null: it can. */
  readonly nativeProblem: string | null;
  /** null: nobody names such a server. */
  readonly webSocketBroker: AskedServer | null;
  readonly nativeBroker: AskedServer | null;
  readonly redis: AskedServer | null;
}

/** One thing that a world needs. */
export type Part =
  | { readonly isThere: true; readonly what: string }
  /** `remedy` names the command that gets it. */
  | { readonly isThere: false; readonly what: string; readonly remedy: string };

export interface WorldReport {
  readonly world: WorldName;
  readonly isReady: boolean;
  readonly parts: readonly Part[];
  /** What to type once it is ready. */
  readonly next: string;
}

const JAVA_MAJOR_MIN = 17;
const REDIS_MAJOR_MIN = 7;

/** One report a world, in the order of WORLD_NAMES. */
export function diagnose(found: Found): readonly WorldReport[] {
  const { nodeVersion, webSocketBroker, nativeBroker, redis } = found;
  const standalone = [javaPart(found), ...jarParts(found)];
  const admin = webSocketBroker === null ? 'http://127.0.0.1:8080' : webSocketBroker.url.replace(/^ws/, 'http');
  return [
    report('embedded', [there(`Node ${nodeVersion}`)], 'orderlab demo'),
    report(
      'ws',
      webSocketBroker === null ? standalone : [serverPart(webSocketBroker)],
      webSocketBroker === null ? START_PULSAR : `orderlab run --broker ${typed(webSocketBroker)}`,
    ),
    report(
      'pulsar',
      [clientPart(found), ...(nativeBroker === null ? standalone : [serverPart(nativeBroker)])],
      nativeBroker === null ? START_PULSAR : `orderlab run --broker ${typed(nativeBroker)} --admin ${admin}`,
    ),
    report(
      'redis',
      [redis === null ? redisPart(found) : serverPart(redis)],
      redis === null ? START_REDIS : `orderlab run --store ${typed(redis)}`,
    ),
  ];
}

const START_PULSAR = 'orderlab pulsar start';
const START_REDIS = 'redis-server --save "" --daemonize yes, then orderlab run --store redis://127.0.0.1:6379';

/** What a person reads. */
export function doctorLines(reports: readonly WorldReport[]): readonly string[] {
  const width = Math.max(...WORLD_NAMES.map((name) => name.length));
  return reports.flatMap(({ world, isReady, parts, next }) => [
    `${world.padEnd(width)}  ${isReady ? 'ready' : 'NOT READY'}`,
    ...parts.map((part) => (part.isThere ? `  + ${part.what}` : `  - ${part.what}: ${part.remedy}`)),
    ...(isReady ? [`  next: ${next}`] : []),
  ]);
}

function report(world: WorldName, parts: readonly Part[], next: string): WorldReport {
  return { world, isReady: parts.every(({ isThere }) => isThere), parts, next };
}

function there(what: string): Part {
  return { isThere: true, what };
}

function serverPart({ url, namedBy, problem }: AskedServer): Part {
  const what = `${url} (${namedBy})`;
  return problem === null ? there(`${what} answers`) : { isThere: false, what, remedy: problem };
}

/** The name of a variable rather than what is in it, which may be secret. */
function typed({ url, namedBy }: AskedServer): string {
  return namedBy.startsWith('ORDERLAB_') ? `"$${namedBy}"` : url;
}

function javaPart({ javaVersion }: Found): Part {
  if (javaVersion !== null && majorOf(javaVersion) >= JAVA_MAJOR_MIN) return there(`Java ${javaVersion}`);
  const remedy = 'apt-get install openjdk-17-jre-headless, or set ORDERLAB_PULSAR_WS to a broker that runs';
  return { isThere: false, what: `Java ${JAVA_MAJOR_MIN} or newer${insteadOf(javaVersion)}`, remedy };
}

/** Maven is needed to fetch the jars, and never again. */
function jarParts({ jars, mavenVersion }: Found): readonly Part[] {
  const what = `the jars of Pulsar ${PULSAR_VERSION}`;
  if (jars !== null) return [there(`${what} in ${jars}`)];
  const missing: Part = { isThere: false, what, remedy: '`orderlab pulsar jars` fetches them (223 MB, once)' };
  if (mavenVersion !== null) return [there(`Maven ${mavenVersion}`), missing];
  return [{ isThere: false, what: 'Maven', remedy: 'apt-get install maven' }, missing];
}

function clientPart({ nativeProblem }: Found): Part {
  if (nativeProblem === null) return there('pulsar-client, its addon and libpulsar');
  return { isThere: false, what: 'the native client', remedy: nativeProblem };
}

function redisPart({ redisVersion }: Found): Part {
  if (redisVersion !== null && majorOf(redisVersion) >= REDIS_MAJOR_MIN) return there(`redis-server ${redisVersion}`);
  const remedy = 'apt-get install redis-server, or set ORDERLAB_REDIS_URL to one that runs';
  return { isThere: false, what: `redis-server ${REDIS_MAJOR_MIN} or newer${insteadOf(redisVersion)}`, remedy };
}

function insteadOf(version: string | null): string {
  return version === null ? '' : ` (there is ${version})`;
}

/** Of Java 1.8 it is 1, which is as old as it looks. */
function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
