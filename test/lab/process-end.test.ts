/** A command that is done ends its process, also where a library holds it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROCESS_END_MS } from '../../lab/process-end';
import { orderlab } from '../support/orderlab';
import { temporaryFolder } from '../support/virtual-run';

jest.setTimeout(60_000);

it('whatever is left of a command does not hold its process, and is named', async () => {
  const folder = temporaryFolder();
  const holder = join(folder, 'holder.js');
  /** Only the command: a compiler that the launcher has to start first is not held. */
  writeFileSync(holder, "if (/orderlab/.test(process.argv[1] ?? '')) setInterval(() => {}, 1_000);");
  const environment = { NODE_OPTIONS: `--require ${holder}` };
  const { exitCode, stdout, stderr } = await orderlab(['list', 'strategies'], { folder, environment });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(
    new RegExp(`orderlab: done, and still held by .*Timeout.* after ${PROCESS_END_MS} ms: ended all the same\n$`),
  );
  expect(stdout).toContain('version-next-repair');
});

it('what fails ends as well, with its own exit code', async () => {
  const folder = temporaryFolder();
  const { exitCode, stderr } = await orderlab(['run', '--scenario', 'nobody'], { folder });
  expect({ exitCode, ended: stderr.includes('held by') }).toEqual({ exitCode: 64, ended: false });
});
