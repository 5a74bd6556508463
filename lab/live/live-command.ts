/** The live page from the command line: `orderlab demo --live` and `orderlab explain --live`. Loaded by who asks for it. */
import { once } from 'node:events';
import { systemClock } from '../../shared/adapters/system-clock';
import { CONSUMER_COUNT_MAX } from '../../shared/config';
import { freshSeed } from '../run';
import { runFolderName } from '../run-folder';
import type { Terminal } from '../terminal';
import { wholeNumber } from '../whole-number';
import { LIVE_DURATION_S_MAX, LIVE_RATE_MAX } from './live-plans';
import { LiveSession } from './live-session';
import { PageServer } from './page-server';
import { REPLAY_RATE_MAX, ReplaySession } from './replay-session';

const PORT_MAX = 65_535;

export interface LiveFlags {
  readonly seed?: string;
  readonly port: string;
  readonly rate: string;
  readonly duration: string;
  readonly consumers: string;
}

export interface ReplayFlags {
  readonly user?: string;
  readonly port: string;
  readonly rate: string;
}

/** Until Ctrl-C; runs that are under way then are brought to their end. Loaded by name, when it is asked for. @public */
export async function demoLive(flags: LiveFlags, terminal: Terminal): Promise<void> {
  const choice = {
    seed: flags.seed ?? freshSeed(),
    rate: wholeNumber('--rate', flags.rate, 1, LIVE_RATE_MAX),
    durationS: wholeNumber('--duration', flags.duration, 1, LIVE_DURATION_S_MAX),
    consumerCount: wholeNumber('--consumers', flags.consumers, 1, CONSUMER_COUNT_MAX),
  };
  const folderOf = (side: string, seed: string): string => runFolderName(Date.now(), `live-${side}`, seed);
  const { print } = terminal;
  const open = (changed: () => void): LiveSession =>
    new LiveSession({ choice, freshSeed, clock: systemClock, folderOf, changed, print });
  await serve(open, flags.port, terminal, 'the load begins when a page is open');
}

/** Until Ctrl-C. Loaded by name, when it is asked for. @public */
export async function explainLive(path: string, flags: ReplayFlags, terminal: Terminal): Promise<void> {
  const rate = wholeNumber('--rate', flags.rate, 1, REPLAY_RATE_MAX);
  const open = (changed: () => void): ReplaySession =>
    new ReplaySession({ path, user: flags.user ?? null, rate, clock: systemClock, changed });
  await serve(open, flags.port, terminal, 'the run is over: step through it');
}

/** It opens no browser by itself: the address is printed, and stands alone on its line for whoever reads it. */
async function serve(
  open: (changed: () => void) => LiveSession | ReplaySession,
  port: string,
  terminal: Terminal,
  hint: string,
): Promise<void> {
  const page = await PageServer.listen({
    ...{ open, clock: systemClock, port: wholeNumber('--port', port, 0, PORT_MAX) },
  });
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  terminal.print(page.url);
  terminal.say(`open it in a browser on this machine; ${hint}; Ctrl-C ends it`);
  try {
    await interrupted;
    await page.session.end();
  } finally {
    await page.close();
  }
}
