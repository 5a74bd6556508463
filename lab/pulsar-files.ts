/** What a Pulsar standalone is started with: its version, its configuration, its command line. Pure. */
import { join } from 'node:path';

/** The release that the lab is measured against. */
export const PULSAR_VERSION = '4.2.4';

/** How a running standalone is told from any other Java: its main class. */
export const STANDALONE_CLASS = 'org.apache.pulsar.PulsarStandaloneStarter';

export interface StandalonePorts {
  /** Pulsar's binary protocol: `pulsar://`. */
  readonly brokerPort: number;
  /** Admin API and WebSocket API: `http://` and `ws://`. */
  readonly httpPort: number;
}

export const DEFAULT_PORTS: StandalonePorts = { brokerPort: 6650, httpPort: 8080 };

/** Lines of standalone.conf. */
export type BrokerSettings = Readonly<Record<string, string | number | boolean>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the jars are kept: `$XDG_CACHE_HOME/orderlab/pulsar-4.2.4`, below `~/.cache` where that is not set. */
export function cacheFolder(environment: Environment, home: string): string {
  return join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'orderlab', `pulsar-${PULSAR_VERSION}`);
}

/** Where a standalone keeps its messages and its log by default: the same wherever the command is typed. */
export function dataFolder(environment: Environment, home: string): string {
  return join(environment.XDG_STATE_HOME || join(home, '.local', 'state'), 'orderlab', 'pulsar');
}

/**
 * standalone.conf: broker and bookie read the same file. Everything listens on loopback only: the name of that interface
 * (`lo`, `lo0`) is what keeps the bookie there, whose port is random, and `allowLoopback` is what lets it. Without the three lines of
 * quorums the broker starts and is never healthy; the WebSocket service is off by default. A comment behind a value would
 * become part of the value.
 */
export function standaloneConfiguration(
  { brokerPort, httpPort }: StandalonePorts,
  loopback: string,
  more: BrokerSettings = {},
): string {
  return settings({
    clusterName: 'standalone',
    brokerServicePort: brokerPort,
    webServicePort: httpPort,
    bindAddress: '127.0.0.1',
    advertisedAddress: '127.0.0.1',
    listeningInterface: loopback,
    allowLoopback: true,
    managedLedgerDefaultEnsembleSize: 1,
    managedLedgerDefaultWriteQuorum: 1,
    managedLedgerDefaultAckQuorum: 1,
    webSocketServiceEnabled: true,
    /** A run without consumers for a minute keeps its topics. */
    brokerDeleteInactiveTopicsEnabled: false,
    /** Every run has a namespace of its own and deletes it. */
    forceDeleteNamespaceAllowed: true,
    /** A disk that is nearly full would turn the bookie read-only. */
    diskUsageThreshold: '0.99',
    diskUsageWarnThreshold: '0.99',
    loadBalancerEnabled: false,
    journalPreAllocSizeMB: 16,
    ...more,
  });
}

function settings(values: BrokerSettings): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** log4j2.xml: everything from info up goes to standard output, which is the log file. */
export const LOG_CONFIGURATION = `<Configuration status="WARN">
  <Appenders>
    <Console name="console"><PatternLayout pattern="%d{ISO8601} %-5p %c{1} %m%n"/></Console>
  </Appenders>
  <Loggers><Root level="info"><AppenderRef ref="console"/></Root></Loggers>
</Configuration>
`;

/** Files below the data folder. */
export function filesIn(data: string) {
  return {
    configurationFolder: join(data, 'conf'),
    configuration: join(data, 'conf', 'standalone.conf'),
    logConfiguration: join(data, 'conf', 'log4j2.xml'),
    log: join(data, 'pulsar.log'),
    instance: join(data, 'instance.json'),
  };
}

/** Arguments of `java`, in the data folder: the broker creates `data/` below the folder that it runs in. */
export function javaArguments(jars: string, data: string): readonly string[] {
  const { configuration, configurationFolder } = filesIn(data);
  return [
    '-Xmx1g',
    '-cp',
    `${configurationFolder}:${join(jars, '*')}`,
    STANDALONE_CLASS,
    ...['--config', configuration, '--no-functions-worker', '--no-stream-storage'],
  ];
}

/** What a client is told, as the environment variables by which tests and commands are told. */
export function addressesOf({ brokerPort, httpPort }: StandalonePorts) {
  return {
    ORDERLAB_PULSAR_WS: `ws://127.0.0.1:${httpPort}`,
    ORDERLAB_PULSAR_URL: `pulsar://127.0.0.1:${brokerPort}`,
    admin: `http://127.0.0.1:${httpPort}`,
  };
}
