/**
 * Page files: what a browser may load, and nothing else. The page is one HTML file, its style and its modules.
 *
 * Modules import each other without an extension, as all sources of this project do, so their addresses have none.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installation } from '../installation';

export interface PageFile {
  readonly type: string;
  readonly text: string;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const SOURCES = join(installation.root, 'lab', 'live', 'page');
const MODULES = join(installation.root, 'dist', 'lab', 'live', 'page');
const MODULE_NAMES: readonly string[] = [
  ...['main', 'connection', 'controls', 'consumer-choice', 'element'],
  ...['ring', 'ring-geometry', 'lane-list', 'side-panel', 'chart'],
];

/** null: there is no such file. `token` is what the page sends back with its commands. */
export function pageFile(path: string, token: string): PageFile | null {
  if (path === '/') return { type: 'text/html; charset=utf-8', text: source('page.html').replace('{{token}}', token) };
  if (path === '/page.css') return { type: STYLE, text: source('page.css') };
  if (path === '/icon.svg') return { type: 'image/svg+xml', text: source('icon.svg') };
  if (path === '/uplot.js') return { type: SCRIPT, text: uplot('uPlot.iife.min.js') };
  if (path === '/uplot.css') return { type: STYLE, text: uplot('uPlot.min.css') };
  const [, name = ''] = /^\/page\/([a-z-]+)$/.exec(path) ?? [];
  return MODULE_NAMES.includes(name) ? { type: SCRIPT, text: readFileSync(join(MODULES, `${name}.js`), 'utf8') } : null;
}

function source(name: string): string {
  return readFileSync(join(SOURCES, name), 'utf8');
}

function uplot(name: string): string {
  return readFileSync(join(dirname(require.resolve('uplot')), name), 'utf8');
}
