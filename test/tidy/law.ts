/** The law of the tree as data: who may import whom, what a pure file may know, how large things may be. */

/** A ring of the import law: files, and what they may reach. */
export interface Ring {
  readonly name: string;
  /** The first ring whose pattern fits a path owns the file. */
  readonly files: RegExp;
  /** Names of the other rings that it may import. */
  readonly imports: readonly string[];
  /** Whether its files may import each other. */
  readonly importsItself: boolean;
  /** npm packages; a sub-path counts as its package. */
  readonly packages: readonly string[];
  /** Whether it touches the world: `node:` modules and the host's globals. Without it time and chance are arguments. */
  readonly knowsHost: boolean;
}

const RING_0 = ['model', 'errors'];
const RINGS_0_TO_2 = [...RING_0, 'contracts', 'config', 'strategies'];

export const RINGS: readonly Ring[] = [
  ring('model', /^shared\/model\//, []),
  ring('errors', /^shared\/errors\.ts$/, []),
  // A judge that shared code with the accused would agree with its bugs: the three never see each other.
  ring('checker', /^shared\/checker\//, RING_0),
  ring('simulator', /^shared\/simulator\//, RING_0),
  ring('scenarios', /^shared\/scenarios\//, RING_0),
  // Events and options are validated against one schema, so the schema library comes this far in.
  // The ports of the write side are a screen of their own: who only consumes never meets them.
  ring('contracts', /^shared\/(ports|write-ports|wire|command-wire)\.ts$/, RING_0, { packages: ['zod'] }),
  // What a user leaves out is filled in with the same defaults as a scenario.
  ring('config', /^shared\/config\.ts$/, [...RING_0, 'contracts', 'scenarios'], { packages: ['zod'] }),
  ring('strategies', /^consumers\/strategies\//, RING_0),
  // Trace lines come from outside and are validated where they are read.
  ring('producers', /^producers\//, [...RING_0, 'contracts', 'config'], { packages: ['zod'] }),
  ring('consumers', /^consumers\//, RINGS_0_TO_2),
  // The broker in this process is several files of one adapter, which see each other and no other adapter.
  ring('embedded broker', /^shared\/adapters\/embedded-broker/, [...RINGS_0_TO_2, 'simulator'], { knowsHost: true }),
  ring('embedded adapters', /^shared\/adapters\/embedded-/, [...RINGS_0_TO_2, 'producers', 'consumers', 'simulator'], {
    importsItself: false,
    knowsHost: true,
  }),
  // Every client of a server over a socket pays for system calls.
  ring('gathered writes', /^shared\/adapters\/gathered-writes\.ts$/, [], { knowsHost: true }),
  // One real broker, several files: frames, sockets, the admin API. They are one adapter and see each other.
  ring(
    'pulsar adapters',
    /^shared\/adapters\/pulsar-/,
    [...RINGS_0_TO_2, 'producers', 'consumers', 'gathered writes'],
    {
      packages: ['pulsar-client', 'ws', 'zod'],
      knowsHost: true,
    },
  ),
  // The store on Redis is several files of one adapter, which see each other and no other adapter.
  ring('redis adapter', /^shared\/adapters\/redis-/, [...RINGS_0_TO_2, 'gathered writes'], {
    packages: ['ioredis'],
    knowsHost: true,
  }),
  ring('adapters', /^shared\/adapters\//, [...RINGS_0_TO_2, 'producers', 'consumers'], {
    importsItself: false,
    packages: ['pino', 'prom-client', 'pure-rand'],
    knowsHost: true,
  }),
  // What users import in their tests: it brings the lab into their runner, and reaches their Redis to empty it.
  ring(
    'kit',
    /^lab\/testing\//,
    [
      ...RINGS_0_TO_2,
      ...['checker', 'scenarios', 'producers'],
      ...['embedded broker', 'pulsar adapters', 'adapters', 'lab'],
    ],
    { packages: ['ioredis'], knowsHost: true },
  ),
  // What a live page shows is made of records alone, so that a run that happens and one that happened look the same.
  ring('picture', /^lab\/live\/picture\//, [...RING_0, 'checker', 'simulator']),
  // Modules for a browser: of the rest they know the shape of a state, and nothing that runs.
  ring('page', /^lab\/live\/page\//, ['picture'], { packages: ['uplot'], knowsHost: true }),
  ring(
    'lab',
    /^lab\//,
    [
      ...RINGS_0_TO_2,
      ...['checker', 'simulator', 'scenarios', 'producers', 'consumers', 'picture'],
      ...['embedded broker', 'embedded adapters', 'pulsar adapters', 'redis adapter', 'adapters'],
    ],
    {
      packages: [
        '@fastify/rate-limit',
        '@fastify/under-pressure',
        'commander',
        'fast-check',
        'fastify',
        'hdr-histogram-js',
        'pino',
        'ws',
        'zod',
      ],
      knowsHost: true,
    },
  ),
];

function ring(name: string, files: RegExp, imports: readonly string[], more: Partial<Ring> = {}): Ring {
  return { name, files, imports, importsItself: true, packages: [], knowsHost: false, ...more };
}

/** What makes a result depend on the machine or the moment: no file of a ring without host knows these. */
export const HOST_GLOBALS: readonly string[] = [
  ...['Date', 'performance', 'Intl', 'Math.random', 'crypto'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'],
  ...['process', 'console', 'global', 'globalThis', 'require', 'Buffer', 'fetch'],
  ...['WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer'],
];

/** Members that answer by the machine's locale. */
export const LOCALE_MEMBERS: readonly string[] = [
  ...['localeCompare', 'toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'],
  ...['toLocaleUpperCase', 'toLocaleLowerCase'],
];

/** Sizes in lines. The goals stand in CONTRIBUTING.md; these are where the build stops. */
export const LIMITS = {
  fileLinesMax: 400,
  /** The goal is 80. */
  fileLinesMedianMax: 120,
  functionLinesMax: 70,
  functionLinesP95Max: 35,
  portsLinesMax: 90,
  folderDepthMax: 3,
} as const;

/** Files that nobody has to import, because something outside the sources starts with them. */
export const ENTRIES: readonly string[] = [
  ...['lab/main.ts', 'lab/index.ts', 'test/support/seed.ts'],
  ...['lab/testing/testing.ts', 'lab/testing/client/pulsar-client.ts'],
  // A browser begins with it.
  'lab/live/page/main.ts',
];

/** What stands at the top of shared/: the danger is the word, so the list is closed. */
export const SHARED_ENTRIES: readonly string[] = [
  ...[
    'adapters',
    'checker',
    'command-wire.ts',
    'config.ts',
    'errors.ts',
    'model',
    'ports.ts',
    'scenarios',
    'simulator',
    'wire.ts',
    'write-ports.ts',
  ],
];

/** Every package that a user installs along or may do without, with the reason why it is not our own code. */
export const RUNTIME_PACKAGES: Readonly<Record<string, string>> = {
  '@fastify/rate-limit': 'counted windows per caller that forget callers again',
  '@fastify/under-pressure': 'sheds load when the event loop falls behind, which a health probe does not see',
  commander: 'command lines: parsing, help and the errors about both',
  'fast-check': 'random scripts of commands that shrink, and are had again from a seed and a path',
  fastify: 'an HTTP server: routing, limits of requests, time-outs and an orderly close',
  'hdr-histogram-js': 'histograms of latencies that merge across processes and lose no percentile',
  ioredis: 'a Redis client: protocol, TLS, reconnection, and scripts by their hash',
  pino: 'structured logs that are escaped and levelled',
  'prom-client': "the registry of metrics and Prometheus's text format",
  'pulsar-client': "Pulsar's binary protocol: optional, since its addon is a download or a build of its own",
  'pure-rand': 'seeded generators whose quality others have tested',
  uplot: 'the charts of reports and of the live page: small, and drawn without a remote asset',
  ws: 'WebSocket clients and servers; Node has no server, and its client neither pings nor drops without a goodbye',
  zod: 'one schema for events, options and files, with errors that name the field',
};
