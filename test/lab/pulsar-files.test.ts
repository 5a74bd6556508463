/** What a standalone is started with: the lines without which it is unreachable, unhealthy or open to the network. */
import {
  addressesOf,
  cacheFolder,
  dataFolder,
  filesIn,
  javaArguments,
  LOG_CONFIGURATION,
  standaloneConfiguration,
} from '../../lab/pulsar-files';

const ports = { brokerPort: 6651, httpPort: 8081 };
const lines = standaloneConfiguration(ports, 'lo').trimEnd().split('\n');

describe('the configuration of a standalone', () => {
  it('listens on the given ports, on loopback only, broker and bookie', () => {
    expect(lines).toEqual(expect.arrayContaining(['brokerServicePort=6651', 'webServicePort=8081']));
    expect(lines).toEqual(expect.arrayContaining(['bindAddress=127.0.0.1', 'listeningInterface=lo']));
    expect(standaloneConfiguration(ports, 'lo0')).toContain('listeningInterface=lo0\n');
  });

  it('has what makes a broker with one bookie healthy, and the WebSocket service', () => {
    for (const name of ['EnsembleSize', 'WriteQuorum', 'AckQuorum'])
      expect(lines).toContain(`managedLedgerDefault${name}=1`);
    expect(lines).toEqual(expect.arrayContaining(['allowLoopback=true', 'webSocketServiceEnabled=true']));
  });

  it('lets a run delete its namespace, and deletes nothing by itself', () => {
    expect(lines).toContain('forceDeleteNamespaceAllowed=true');
    expect(lines).toContain('brokerDeleteInactiveTopicsEnabled=false');
  });

  it('has one setting a line and nothing behind its value: a comment there would become part of it', () => {
    for (const line of lines) expect(line).toMatch(/^[A-Za-z]+=[A-Za-z0-9.]+$/);
    expect(new Set(lines.map((line) => line.split('=')[0])).size).toBe(lines.length);
  });

  it('sends the log to standard output', () => expect(LOG_CONFIGURATION).toContain('<Console name="console">'));
});

describe('the command line of a standalone', () => {
  it('names its own configuration, by which its process is told from others', () => {
    const args = javaArguments('/cache/lib', '/data');
    expect(args).toContain('/data/conf:/cache/lib/*');
    expect(args.slice(args.indexOf('--config'))).toEqual([
      '--config',
      filesIn('/data').configuration,
      '--no-functions-worker',
      '--no-stream-storage',
    ]);
  });

  it('keeps the messages of an earlier start', () => expect(javaArguments('/c', '/d')).not.toContain('--wipe-data'));
});

describe('the places of a standalone', () => {
  it('are the folders that the user names, else those below home', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/c' }, '/h')).toBe('/c/orderlab/pulsar-4.2.4');
    expect(cacheFolder({ XDG_CACHE_HOME: '' }, '/h')).toBe('/h/.cache/orderlab/pulsar-4.2.4');
    expect(dataFolder({ XDG_STATE_HOME: '/s' }, '/h')).toBe('/s/orderlab/pulsar');
    expect(dataFolder({}, '/h')).toBe('/h/.local/state/orderlab/pulsar');
  });

  it('are told under the names of the environment variables', () => {
    expect(addressesOf(ports)).toEqual({
      ORDERLAB_PULSAR_WS: 'ws://127.0.0.1:8081',
      ORDERLAB_PULSAR_URL: 'pulsar://127.0.0.1:6651',
      admin: 'http://127.0.0.1:8081',
    });
  });
});
