/** docker-compose.yml as data: the one description of the services, for the tests that start them without an engine. */
import { parse } from 'yaml';
import { pageText } from './markdown-page';

/** A service, as far as the tests look at it. */
export interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
}

interface ScrapeJob {
  readonly job_name: string;
  readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[];
  readonly static_configs?: readonly { readonly targets: readonly string[] }[];
}

/** NAME → image, from the file that compose reads by itself. */
export function imageTable(): ReadonlyMap<string, string> {
  const lines = pageText('.env')
    .split('\n')
    .filter((line) => /^\w+=/.test(line));
  return new Map(lines.map((line) => line.split('=') as [string, string]));
}

export function composeServices(): Readonly<Record<string, ComposeService>> {
  return parse(pageText('docker-compose.yml'), { merge: true }).services;
}

export function scrapeJobs(): readonly ScrapeJob[] {
  return parse(pageText('dashboards/prometheus.yml')).scrape_configs;
}

/** The services whose command is one of ours. */
export function ownServices(): readonly (readonly [name: string, service: ComposeService])[] {
  return Object.entries(composeServices()).filter(([, { command }]) => command?.includes('lab/orderlab.js'));
}
