/** The browser of this machine. */
import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** `foreignName`: a name that leads to this machine, as who owns a domain can arrange it. */
export function openBrowser(foreignName: string): Promise<Browser> {
  const executablePath = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim();
  return chromium.launch({
    executablePath,
    args: ['--disable-dev-shm-usage', `--host-resolver-rules=MAP ${foreignName} 127.0.0.1`],
  });
}
