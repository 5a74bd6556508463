/** The Dockerfile, line by line in a temporary folder: what comes out of it serves. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../lab/free-port';
import { type BuiltImage, buildImage } from '../support/dockerfile';
import { isOk } from '../support/lab-service';
import { until } from '../support/until';

/** The packages are installed and everything is compiled. */
const BUILD_DEADLINE_MS = 300_000;

let folder: string;
let image: BuiltImage;
beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'orderlab-image-'));
  /** Its addon is on a server that not every machine reaches. */
  image = buildImage(folder, { PULSAR_NATIVE: 'optional' });
}, BUILD_DEADLINE_MS);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

it('holds what runs, and neither sources nor the tools that built it', () => {
  const inside = fs.readdirSync(join(image.folder, image.workdir));
  expect(inside.sort()).toEqual(['dist', 'lab', 'node_modules', 'package.json']);
  const isThere = (name: string) => fs.existsSync(join(image.folder, image.workdir, 'node_modules', name));
  expect(['commander', 'typescript', 'jest', '@biomejs/biome'].filter(isThere)).toEqual(['commander']);
});

it('holds the native client, and its addon loads where it could be had', () => {
  const inside = join(image.folder, image.workdir);
  const addon = join(inside, 'node_modules', 'pulsar-client', 'lib', 'binding', 'pulsar.node');
  expect(fs.existsSync(join(inside, 'node_modules', 'pulsar-client', 'package.json'))).toBe(true);
  const { status } = spawnSync(process.execPath, ['-e', "require('pulsar-client')"], { cwd: inside });
  expect(status === 0).toBe(fs.existsSync(addon));
});

it('starts with its own command, answers on its port, and ends when it is asked to', async () => {
  const port = String(await freePort());
  const [program = '', ...words] = image.command;
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ORDERLAB_'));
  const env = { ...Object.fromEntries(inherited), ...image.environment, ORDERLAB_METRICS_PORT: port };
  const child: ChildProcess = spawn(program, words, { cwd: join(image.folder, image.workdir), env, stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    await until('the process is healthy', () => isOk(`http://127.0.0.1:${port}/healthz`));
    await until('the process is ready', () => isOk(`http://127.0.0.1:${port}/readyz`));
  } finally {
    child.kill('SIGTERM');
  }
  expect(await exited).toBe(0);
});
