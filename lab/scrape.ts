/** Scrape: what `--metrics-port` opens, a sheet of metrics, a watcher that fills it, and the port that shows it. */
import { openMetricSheet } from '../shared/adapters/prometheus-sheet';
import { systemClock } from '../shared/adapters/system-clock';
import type { ProcessLabels } from '../shared/model/metric';
import { metricWatcher } from './metric-watcher';
import { LOOPBACK, serveMetrics } from './metrics-server';
import type { Gathering } from './process-crew';
import type { Terminal } from './terminal';
import type { Watcher } from './watcher';
import { wholeNumber } from './whole-number';

export interface ScrapeFlags {
  readonly metricsPort?: string;
  readonly metricsHost?: string;
}

export interface Scrape {
  readonly watcher: Watcher;
  /** For the numbers of other processes. */
  readonly gathering: Gathering;
  /** What the load generator was asked for, in events per second. */
  setRate(perSecond: number): void;
  close(): Promise<void>;
}

const PORT_MAX = 65_535;

/** null: nobody asked for a port. The address goes to standard error, since the port may be any free one. */
export async function openScrape(
  { metricsPort, metricsHost = LOOPBACK }: ScrapeFlags,
  labels: ProcessLabels,
  terminal: Pick<Terminal, 'say'>,
  isReady: () => boolean = () => true,
): Promise<Scrape | null> {
  if (metricsPort === undefined) return null;
  const port = wholeNumber('--metrics-port', metricsPort, 0, PORT_MAX);
  const sheet = openMetricSheet(labels);
  const server = await serveMetrics({ sheet, port, host: metricsHost, isReady });
  terminal.say(`metrics: ${server.url}/metrics`);
  return {
    watcher: metricWatcher(sheet, systemClock),
    gathering: sheet,
    setRate: (perSecond) => {
      sheet.gauge('orderlab_load_rate', {}).value = perSecond;
    },
    close: () => server.close(),
  };
}
