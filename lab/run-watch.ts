/** Watching a run: its seconds as lines, and the port that is scraped. Loaded by who asks for either. */
import { systemClock } from '../shared/adapters/system-clock';
import type { Plan } from '../shared/model/plan';
import { secondLine } from './load/load-report';
import { LoadTally } from './load/load-tally';
import type { Gathering } from './process-crew';
import { openScrape, type ScrapeFlags } from './scrape';
import type { Terminal } from './terminal';
import { type Watcher, watchingAll } from './watcher';

export interface WatchFlags extends ScrapeFlags {
  readonly watch?: boolean;
}

export interface RunWatch {
  readonly watcher: Watcher;
  /** Of the port that is scraped; undefined: there is none. */
  readonly gathering: Gathering | undefined;
  close(): Promise<void>;
}

/** What `--watch` and `--metrics-port` ask for. Loaded by name, when it is asked for. @public */
export async function openRunWatch(flags: WatchFlags, plan: Plan, terminal: Terminal): Promise<RunWatch> {
  const labels = { topology: plan.topology.subscriptionType, strategy: plan.strategy };
  const scrape = await openScrape(flags, labels, terminal);
  const tally = new LoadTally(systemClock, (second) => terminal.say(secondLine(second)));
  tally.start(0);
  const watchers: readonly Watcher[] = [
    ...(flags.watch === true ? [tally] : []),
    ...(scrape === null ? [] : [scrape.watcher]),
  ];
  return { watcher: watchingAll(watchers), gathering: scrape?.gathering, close: async () => scrape?.close() };
}
