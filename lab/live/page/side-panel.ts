/** Side panel: one run, with what it is, its figures, its ring, its lanes and in the end its verdict. */

import type { SideState, SideVerdict } from '../picture/page-state';
import type { Picture, PictureCounts } from '../picture/picture';
import { element, say } from './element';
import { LaneList } from './lane-list';
import { Ring } from './ring';

const TITLES: Readonly<Record<string, string>> = {
  ...{ shared: 'Shared', 'key-shared': 'Key_Shared', failover: 'Failover', exclusive: 'Exclusive' },
};
const FIGURES: readonly (readonly [keyof PictureCounts, string])[] = [
  ['published', 'published'],
  ['applied', 'applied'],
  ['swapped', 'swapped'],
  ['repeated', 'applied twice'],
  ['redelivered', 'delivered again'],
  ['absorbed', 'duplicates absorbed'],
];
const VERDICT_WORDS = { valid: '✓ valid', invalid: '✗ invalid', unknown: '? unknown' } as const;
const NOTE_COUNT_SHOWN = 8;

export class SidePanel {
  readonly root: HTMLElement;
  private readonly title = element('h2');
  private readonly strategy = element('p', { class: 'strategy' });
  private readonly badge = element('p', { class: 'badge', role: 'status' });
  private readonly figures = new Map<keyof PictureCounts, HTMLElement>();
  private readonly ring = new Ring();
  private readonly lanes = new LaneList();
  private readonly notes = element('ol', { class: 'notes', 'aria-label': 'What happened' });
  private readonly verdict = element('section', { class: 'verdict', hidden: '' });
  private shownVerdict: SideVerdict | null = null;
  private shownNote = -1;
  private shownSeed = '';

  constructor() {
    const lanes = element(
      'section',
      {},
      element('h3', {}, 'Events of each user, as they take effect'),
      this.lanes.root,
    );
    const body = element('div', { class: 'side-body' }, lanes, this.ring.root);
    const head = element('div', { class: 'side-head' }, element('div', {}, this.title, this.strategy), this.badge);
    this.root = element('article', { class: 'side' }, head, this.figureList(), this.verdict, body);
    this.root.append(element('h3', {}, 'What happened'), this.notes);
  }

  show({ picture, verdict }: SideState): void {
    /** Another run begins in the same place. */
    if (picture.seed !== this.shownSeed) this.lanes.show([]);
    this.shownSeed = picture.seed;
    this.root.dataset.type = picture.subscriptionType ?? '';
    say(this.title, TITLES[picture.subscriptionType ?? ''] ?? '…');
    say(this.strategy, picture.strategy === '' ? '' : `strategy ${picture.strategy}, seed ${picture.seed}`);
    for (const [name, figure] of this.figures) {
      say(figure, String(picture.counts[name]));
      figure.classList.toggle('none', picture.counts[name] === 0);
    }
    this.root.classList.toggle('disordered', picture.counts.swapped + picture.counts.repeated > 0);
    this.ring.show(picture);
    this.lanes.show(picture.lanes);
    this.showNotes(picture);
    this.showVerdict(picture, verdict);
  }

  private figureList(): HTMLElement {
    const list = element('dl', { class: 'figures' });
    for (const [name, label] of FIGURES) {
      const figure = element('dd', {}, '0');
      this.figures.set(name, figure);
      list.append(element('div', { class: `figure ${name}` }, element('dt', {}, label), figure));
    }
    return list;
  }

  private showNotes({ notes }: Picture): void {
    const last = notes.at(-1)?.number ?? 0;
    if (last === this.shownNote) return;
    this.shownNote = last;
    const latest = notes.slice(-NOTE_COUNT_SHOWN).reverse();
    this.notes.replaceChildren(...latest.map(({ kind, text }) => element('li', { class: `note ${kind}` }, text)));
  }

  private showVerdict({ counts }: Picture, verdict: SideVerdict | null): void {
    const soFar = counts.swapped + counts.repeated > 0 ? 'order broken so far' : 'order kept so far';
    say(this.badge, verdict === null ? soFar : VERDICT_WORDS[verdict.status]);
    this.badge.dataset.status = verdict?.status ?? '';
    if (verdict === this.shownVerdict || verdict?.lines.join() === this.shownVerdict?.lines.join()) return;
    this.shownVerdict = verdict;
    this.verdict.hidden = verdict === null;
    if (verdict === null) return;
    const next = element('p', {}, 'Look closer: ', ...verdict.next.map((command) => element('code', {}, command)));
    this.verdict.replaceChildren(element('pre', { tabindex: '0' }, verdict.lines.join('\n')), next);
  }
}
