/** Markdown pages as tests read them: fenced blocks, tables, headings and links. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(__dirname, '..', '..');

export function pageText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export interface Block {
  /** The words behind the fence. */
  readonly info: string;
  readonly text: string;
}

/** Fenced blocks, in order. */
export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({
    info: info.trim(),
    text: text.replace(/\n$/, ''),
  }));
}

/** Blocks whose first word is `kind`, with the words that follow it. */
export function blocksOfKind(markdown: string, kind: string): readonly Block[] {
  return blocksOf(markdown)
    .filter(({ info }) => info === kind || info.startsWith(`${kind} `))
    .map(({ info, text }) => ({ info: info.slice(kind.length).trim(), text }));
}

/** Cells of every row of tables, heads and rules included, with escaped bars put back. */
export function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n')
    .filter((line) => /^\|.*\|$/.test(line))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll('\\|', '|')));
}

/** The part of a page under a heading, up to the next heading of its rank or a higher one. */
export function sectionOf(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`there is no heading ${heading}`);
  const rank = heading.indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= rank);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** Targets of links inside the repository: path and anchor, as they are written. */
export function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  );
}

/** Anchors that a renderer gives the headings of a page. */
export function anchorsOf(markdown: string): readonly string[] {
  const headings = markdown.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/**
 * Holds a drawing of a page against the lines of today: every line of it must be among them. With ORDERLAB_UPDATE=1 each
 * is replaced by the first line of the same lane instead.
 */
export function holdDrawing(path: string, drawing: string, today: readonly string[]): void {
  const lines = drawing.split('\n');
  if (process.env.ORDERLAB_UPDATE === '1') {
    const laneOf = (line: string) => line.split(' ')[0];
    const renewed = lines.map((line) => today.find((one) => laneOf(one) === laneOf(line)) ?? line).join('\n');
    writeFileSync(
      join(ROOT, path),
      pageText(path).replace(drawing, () => renewed),
    );
  } else expect(lines.filter((line) => !today.includes(line))).toEqual([]);
}
