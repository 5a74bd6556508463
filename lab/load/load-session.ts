/** Session of `orderlab load`: options → load → report, with the port that is scraped meanwhile. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemClock } from '../../shared/adapters/system-clock';
import { causeText, OrderlabError } from '../../shared/errors';
import { EXIT_BY_VERDICT } from '../exit-code';
import { onInterrupt } from '../interrupt';
import { placeOf } from '../projector-service';
import { replayCommand } from '../replay-command';
import { freshRunId, freshSeed, withoutSecret } from '../run';
import { openScrape, type ScrapeFlags } from '../scrape';
import type { CornerFlags } from '../service-options';
import type { Terminal } from '../terminal';
import { cornerOf } from '../world';
import { bareRate } from './bare-rate';
import { leadSession } from './crowd-session';
import { runLoad } from './load';
import { type LoadReport, loadLines, secondLine } from './load-report';
import { type LoadInput, type LoadSettings, readLoadInput } from './load-settings';
import { runPublisher } from './publisher';

export interface LoadFlags extends LoadInput, ScrapeFlags {
  readonly seed?: string;
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly workers?: string;
  readonly meet: string;
}

/** One load, here or from several processes. Loaded by name, when it is asked for. @public */
export async function performLoad(flags: LoadFlags, terminal: Terminal): Promise<void> {
  const {
    seed: given,
    broker: _broker,
    store: _store,
    admin: _admin,
    out,
    json,
    watch: _watch,
    workers,
    meet: _meet,
    metricsPort: _port,
    metricsHost: _host,
    ...input
  } = flags;
  const folder = out === undefined ? null : freshFolder(out);
  const report =
    workers === undefined
      ? await loadHere({ ...flags, seed: given ?? freshSeed() }, input, terminal)
      : await leadSession(flags, input, terminal);
  if (folder !== null) writeReport(folder, report);
  if (json === true) terminal.print(JSON.stringify(report));
  else for (const line of [...loadLines(report), `replay: ${report.replay}`]) terminal.print(line);
  process.exitCode = EXIT_BY_VERDICT[report.verdict];
}

async function loadHere(
  flags: LoadFlags & { readonly seed: string },
  input: LoadInput,
  terminal: Terminal,
): Promise<LoadReport> {
  const { seed, broker, store, admin, json, watch } = flags;
  const tell = json === true ? terminal.say : terminal.print;
  const share = shareOf(input.rate);
  /** Everything else is checked before anything is measured. */
  const checked = readLoadInput(share === null ? input : { ...input, rate: '1' }, seed);
  const interrupt = onInterrupt(terminal);
  tell(`seed ${seed}`);
  const settings = share === null ? checked : await atShare(share, flags, input, tell);
  const { topology, strategy } = settings.plan;
  const scrape = await openScrape(flags, { topology: topology.subscriptionType, strategy }, terminal);
  scrape?.setRate(settings.shape.ratePerSecond ?? 0);
  try {
    return await runLoad({
      settings,
      place: { brokerUrl: broker, storeUrl: store, adminUrl: admin ?? null, ...cornerOf(freshRunId('load')) },
      ...{ clock: systemClock, stop: interrupt, replay: withoutSecret(replayCommand(seed)) },
      ...(scrape === null ? {} : { watcher: scrape.watcher }),
      ...(watch === true ? { onSecond: (second) => terminal.say(secondLine(second)) } : {}),
    });
  } finally {
    await scrape?.close();
    interrupt.release();
  }
}

/** `--rate 50%`: that share of what the bare client carries here. null: it is a rate. */
function shareOf(rate: unknown): number | null {
  const [, percent] = /^(\d{1,3}(?:\.\d+)?)%$/.exec(typeof rate === 'string' ? rate : '') ?? [];
  if (percent === undefined) return null;
  if (Number(percent) > 0 && Number(percent) <= 100) return Number(percent) / 100;
  throw new OrderlabError('USAGE', { problem: `--rate as a share is above 0 % and at most 100 %, got ${percent}%` });
}

/** Messages by which the bare client is measured. */
const BARE_EVENT_COUNT = 10_000;

async function atShare(
  share: number,
  { broker: brokerUrl, admin, seed }: LoadFlags & { readonly seed: string },
  input: LoadInput,
  tell: (line: string) => void,
): Promise<LoadSettings> {
  const bare = { ...input, rate: String(BARE_EVENT_COUNT), duration: '1', warmup: '0' };
  const perSecond = await bareRate({ brokerUrl, adminUrl: admin ?? null, settings: readLoadInput(bare, seed) });
  const rate = Math.max(1, Math.floor(perSecond * share));
  tell(`the bare client carries ${Math.floor(perSecond)} events/s here; ${share * 100} % of that is ${rate}`);
  return readLoadInput({ ...input, rate: String(rate) }, seed);
}

/** Options of `load publish`: a corner that stays, and the load. */
export type PublishFlags = CornerFlags & ScrapeFlags & LoadInput & { readonly watch?: boolean };

/**
 * Users are those of this life, since a restarted load begins every stream anew.
 * Loaded by name, when it is asked for. @public
 */
export async function performPublish(flags: PublishFlags, terminal: Terminal): Promise<void> {
  const { rate, duration, arrival, users, skew, payloadBytes } = flags;
  const given = Object.entries({ rate, duration, arrival, users, skew, payloadBytes });
  const settings = readLoadInput(Object.fromEntries(given.filter(([, value]) => value !== undefined)), freshSeed());
  const stop = onInterrupt(terminal);
  const { topology, strategy } = settings.plan;
  const labels = { topology: topology.subscriptionType, strategy };
  let isWorking = false;
  const scrape = await openScrape(flags, labels, terminal, () => isWorking && !stop.stopping);
  scrape?.setRate(settings.shape.ratePerSecond ?? 0);
  try {
    const report = await runPublisher({
      ...{ settings, place: placeOf(flags), clock: systemClock, stop, replay: '', topic: flags.topic },
      userPrefix: `${freshRunId('load')}-`,
      onWorking: () => {
        isWorking = true;
      },
      ...(scrape === null ? {} : { watcher: scrape.watcher }),
      ...(flags.watch === true ? { onSecond: (second) => terminal.say(secondLine(second)) } : {}),
    });
    terminal.print(JSON.stringify(report));
  } finally {
    await scrape?.close();
    stop.release();
  }
}

/** Made before the load, so that an hour of it is not lost to a path that cannot be written. */
function freshFolder(path: string): string {
  const folder = resolve(path);
  attempt(folder, () => mkdirSync(folder));
  return folder;
}

function writeReport(folder: string, report: LoadReport): void {
  const path = join(folder, 'load.json');
  attempt(path, () => writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`));
}

function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    throw new OrderlabError('FILE_UNWRITABLE', { path, cause: causeText(thrown) }, thrown);
  }
}
