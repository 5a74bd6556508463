/** `orderlab broker` as users type it: it serves, faults are commands, Ctrl-C ends it and leaves nothing behind. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { orderlab } from '../support/orderlab';
import { RawSocket } from '../support/raw-socket';
import { startServedProcess } from '../support/served-process';
import { until } from '../support/until';
import { temporaryFolder } from '../support/virtual-run';

/** The first process may have to build. */
jest.setTimeout(120_000);

it('orderlab broker serves, is broken by orderlab broker fault, and ends with Ctrl-C', async () => {
  const folder = temporaryFolder();
  const server = await startServedProcess(['--faults', 'control.json'], folder);
  const { token } = JSON.parse(readFileSync(join(folder, 'control.json'), 'utf8'));
  expect(statSync(join(folder, 'control.json')).mode & 0o077).toBe(0);

  const consumer = await RawSocket.open(`${server.url}/ws/v2/consumer/persistent/public/default/t/s?consumerName=c1`);
  const fault = (...words: readonly string[]) =>
    orderlab(['broker', 'fault', ...words, '--control', 'control.json'], { folder });
  expect((await fault('list')).stdout).toBe('consumer  c1  persistent://public/default/t  s\n');
  expect(await fault('drop', '--name', 'c1', '--json')).toMatchObject({ exitCode: 0, stdout: '{"droppedCount":1}\n' });
  await until('its connection is broken', () => consumer.closed !== null);

  const { exitCode, stdout, stderr } = await server.stop();
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'running', control: 'control.json' });
  expect(stdout + stderr).toContain('fault: drop');
  expect(stdout + stderr).not.toContain(token);
  expect(existsSync(join(folder, 'control.json'))).toBe(false);
  expect(await fault('list')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('FILE_UNREADABLE') });
});
