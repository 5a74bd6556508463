/** A Prometheus of a test, over the scrape file of the compose project with its hosts replaced and its times shortened. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { freePort } from '../../lab/free-port';
import { isOk } from './lab-service';
import { pageText } from './markdown-page';
import { until } from './until';

/** Instead of minutes: rates over this window, alerts after a second. */
export const WINDOW_SECONDS = 10;

const answerSchema = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});
const alertsSchema = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })) }),
});

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class PrometheusServer {
  private constructor(
    private readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** `targets`: job → addresses; jobs of the scrape file that are not named are left out. */
  static async open(folder: string, targets: Readonly<Record<string, readonly string[]>>): Promise<PrometheusServer> {
    fs.writeFileSync(join(folder, 'prometheus.yml'), scrapeFile(targets));
    fs.writeFileSync(join(folder, 'alerts.yml'), quickRules(pageText('dashboards/alerts.yml')));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${address}`,
      ],
      { stdio: 'ignore' },
    );
    const server = new PrometheusServer(`http://${address}`, child);
    await until('Prometheus is ready', () => isOk(`http://${address}/-/ready`), 60_000);
    return server;
  }

  async query(text: string): Promise<readonly Sample[]> {
    const { data } = answerSchema.parse(await this.ask(`/api/v1/query?query=${encodeURIComponent(text)}`));
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Labels of the alerts of this name that fire now. */
  async firing(name: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const { data } = alertsSchema.parse(await this.ask('/api/v1/alerts'));
    return data.alerts
      .filter(({ labels, state }) => state === 'firing' && labels.alertname === `Orderlab${name}`)
      .map(({ labels }) => labels);
  }

  /** Labels of the alerts of this name that fired at any time since Prometheus began: a short one may be over already. */
  async everFired(name: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const asked = `count_over_time(ALERTS{alertname="Orderlab${name}",alertstate="firing"}[1h])`;
    return (await this.query(asked)).map(({ labels }) => labels);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
  }

  private async ask(path: string): Promise<unknown> {
    return (await fetch(`${this.url}${path}`)).json();
  }
}

/** The checked-in file with addresses instead of names, and looked at twice a second. */
function scrapeFile(targets: Readonly<Record<string, readonly string[]>>): string {
  const file = parse(pageText('dashboards/prometheus.yml'));
  const jobs: readonly { readonly job_name: string }[] = file.scrape_configs;
  return stringify({
    ...file,
    global: { scrape_interval: '500ms', evaluation_interval: '500ms' },
    scrape_configs: jobs
      .filter(({ job_name }) => targets[job_name] !== undefined)
      .map(({ job_name }) => ({ job_name, static_configs: [{ targets: targets[job_name] }] })),
  });
}

/** A message is stuck after seconds instead of half a minute. */
function quickRules(text: string): string {
  return text
    .replace(/\[\d+m\]/g, `[${WINDOW_SECONDS}s]`)
    .replace(/for: \d+s/g, 'for: 1s')
    .replace(/(orderlab_oldest_unacknowledged_seconds\)) > 30/, '$1 > 2');
}
