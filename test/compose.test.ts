/** docker-compose.yml against the code that it starts: images, variables, ports, mounts, scrape targets, and how tight it is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { registerLoad } from '../lab/command-load';
import { registerProjector } from '../lab/command-projector';
import { registerServe } from '../lab/command-serve';
import { composeServices, imageTable, ownServices, scrapeJobs } from './support/compose';
import { pageText, ROOT } from './support/markdown-page';

const services = composeServices();
const own = ownServices();
const images = imageTable();

/** The variables that a command line understands, by its words. */
function variablesOf(words: readonly string[]): readonly string[] {
  const program = new Command();
  const terminal = { print: () => {}, say: () => {}, watch: () => () => {} };
  registerLoad(program, terminal);
  registerProjector(program, terminal);
  registerServe(program, terminal);
  const find = (command: Command, [word, ...rest]: readonly string[]): Command => {
    const child = command.commands.find((one) => one.name() === word);
    return child === undefined ? command : find(child, rest);
  };
  return find(program, words).options.flatMap(({ envVar }) => (envVar === undefined ? [] : [envVar]));
}

describe('images', () => {
  it('stand in one table, each with an exact tag', () => {
    for (const image of images.values()) expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$/);
    const named = [...pageText('docker-compose.yml').matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
    expect([...new Set(named)].sort()).toEqual([...images.keys()].sort());
    for (const { image } of Object.values(services)) expect(image).toMatch(/^(\$\{\w+_IMAGE\}|orderlab:local)$/);
  });

  it('are the Pulsar that orderlab is tested with, and the Node that the Dockerfile takes by itself', () => {
    const [, version] = /<pulsar\.version>([^<]+)</.exec(pageText('lab/pulsar/pom.xml')) ?? [];
    expect(images.get('PULSAR_IMAGE')).toBe(`apachepulsar/pulsar:${version}`);
    expect(pageText('Dockerfile')).toContain(`ARG NODE_IMAGE=${images.get('NODE_IMAGE')}\n`);
  });
});

describe.each(own)('%s', (_name, { command = [], environment = {}, healthcheck }) => {
  const words = command.slice(command.indexOf('lab/orderlab.js') + 1);

  it('is told by variables that its command understands', () => {
    expect(Object.keys(environment).length).toBeGreaterThan(3);
    expect(Object.keys(environment).filter((name) => !variablesOf(words).includes(name))).toEqual([]);
  });

  it('finds broker and store by the names of their services, and carries no secret', () => {
    for (const [name, value] of Object.entries(environment)) {
      if (/^\w+:\/\//.test(value)) expect(Object.keys(services)).toContain(new URL(value).hostname);
      expect(`${name}=${value}`).not.toMatch(/token|password|secret|@/i);
    }
  });

  it('asks its own port whether it is ready', () => {
    const { ORDERLAB_METRICS_PORT: metrics, ORDERLAB_API_PORT: api } = environment;
    const place = metrics === undefined ? `${api}/openapi.json` : `${metrics}/readyz`;
    expect(healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${place}`);
  });
});

it('reads one topic twice, from subscriptions and into key prefixes of their own', () => {
  const both = [services['projector-shared'], services['projector-key-shared']].map((service) => service?.environment);
  const values = (name: string) => both.map((environment) => environment?.[name]);
  for (const name of ['ORDERLAB_TOPIC', 'ORDERLAB_NAMESPACE', 'ORDERLAB_PULSAR_WS', 'ORDERLAB_REDIS_URL']) {
    expect(
      new Set([...values(name), ...(name === 'ORDERLAB_REDIS_URL' ? [] : [services.load?.environment?.[name]])]).size,
    ).toBe(1);
  }
  for (const name of ['ORDERLAB_SUBSCRIPTION', 'ORDERLAB_KEY_PREFIX', 'ORDERLAB_RESULT_TOPIC'])
    expect(new Set(values(name)).size).toBe(2);
  expect(values('ORDERLAB_TOPOLOGY')).toEqual(['shared', 'key-shared']);
  expect(values('ORDERLAB_STRATEGY')).toEqual(['no-guard', 'version-next-repair']);
});

describe('what is scraped', () => {
  const targets = scrapeJobs().flatMap(({ dns_sd_configs: found = [] }) =>
    found.flatMap(({ names, port }) => names.map((name) => [name, port] as const)),
  );

  it('is every part of ours that has a port for it, found by name, since there may be several of it', () => {
    const scraped = own.filter(([, { environment: given = {} }]) => given.ORDERLAB_METRICS_PORT !== undefined);
    expect(targets.map(([name]) => name).sort()).toEqual(scraped.map(([name]) => name).sort());
    expect(scraped.map(([name]) => name)).toEqual(['projector-shared', 'projector-key-shared', 'load']);
  });

  it.each(targets)('%s listens on port %i, and not on the loopback address of its container', (name, port) => {
    expect(services[name]?.environment).toMatchObject({
      ORDERLAB_METRICS_PORT: String(port),
      ORDERLAB_METRICS_HOST: '0.0.0.0',
    });
  });

  it('is a service wherever it is named literally', () => {
    const named = scrapeJobs().flatMap(({ static_configs: fixed = [] }) => fixed.flatMap(({ targets: list }) => list));
    for (const target of named) expect(Object.keys(services)).toContain(target.split(':')[0]);
  });
});

describe('from outside', () => {
  it('only Grafana, Prometheus and the command API are reachable, from this machine only, the API at any free port', () => {
    const open = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
    expect(open).toEqual([
      ...['command-api 127.0.0.1::3000', 'prometheus 127.0.0.1:9090:9090', 'grafana 127.0.0.1:3000:3000'],
    ]);
    expect(services['command-api']?.environment).toMatchObject({ ORDERLAB_API_PORT: '3000' });
  });
});

describe.each(Object.entries(services))('the container of %s', (name, service) => {
  it('has no capability, no way to more, a bound on memory and processes, an init and a health check', () => {
    expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], init: true });
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('writes to volumes and temporary places only', () => {
    /** Pulsar writes its configuration and its logs into its own folder. */
    expect(service.read_only).toBe(name === 'pulsar' ? undefined : true);
  });

  it('mounts files that are there, read only', () => {
    const mounts = (service.volumes ?? []).filter((volume) => volume.startsWith('./'));
    for (const mount of mounts) {
      const [source = '', , mode] = mount.split(':');
      expect([existsSync(join(ROOT, source)), mode]).toEqual([true, 'ro']);
    }
  });
});

it('shows the first board as the home of Grafana, and every board that there is', () => {
  const { volumes = [], environment = {} } = services.grafana ?? {};
  const mounted = volumes.map((volume) => volume.split(':')[1]);
  expect(mounted).toContain(environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH);
  for (const name of ['ordering', 'load', 'operations']) expect(mounted).toContain(`/boards/${name}.json`);
  expect(pageText('dashboards/provisioning/dashboards/orderlab.yml')).toContain('path: /boards');
  expect(pageText('dashboards/provisioning/datasources/prometheus.yml')).toContain('url: http://prometheus:9090');
});

it('takes commands whose events go where both sides read, and keeps what it decided apart from what they project', () => {
  const { environment = {}, command } = services['command-api'] ?? {};
  const { environment: read = {} } = services['projector-shared'] ?? {};
  for (const name of ['ORDERLAB_TOPIC', 'ORDERLAB_NAMESPACE', 'ORDERLAB_PULSAR_WS', 'ORDERLAB_REDIS_URL'])
    expect(environment[name]).toBe(read[name]);
  const prefixes = ['command-api', 'projector-shared', 'projector-key-shared'].map(
    (name) => services[name]?.environment?.ORDERLAB_KEY_PREFIX,
  );
  expect(new Set(prefixes).size).toBe(3);
  /** Whoever may ask is told in its log, and by nothing that is checked in. */
  expect(command).toContain('--fresh-token');
});

it('is built with the native client, unless whoever builds it does without', () => {
  expect(pageText('Dockerfile')).toContain('ARG PULSAR_NATIVE=required\n');
  expect(pageText('Dockerfile')).toMatch(/^RUN node lab\/pulsar-native\.js \|\| \[ "\$PULSAR_NATIVE" = optional \]$/m);
});

it('ends as nobody in particular: the image of ours runs without root', () => {
  expect(pageText('Dockerfile')).toMatch(/^USER node$/m);
});
