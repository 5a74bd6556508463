/** Lanes: a row for each user, with its events in the order in which they took effect. */
import type { Arrival, Lane } from '../picture/picture';
import { colourOf, element, say } from './element';

const MEANING = { 'in-order': '', swapped: ', after a later one', again: ', applied again' } as const;

export class LaneList {
  readonly root = element('ol', { class: 'lanes' });
  private readonly rows = new Map<string, Row>();

  show(lanes: readonly Lane[]): void {
    for (const [user, row] of this.rows) {
      if (lanes.some((lane) => lane.user === user)) continue;
      row.root.remove();
      this.rows.delete(user);
    }
    for (const [index, lane] of lanes.entries()) {
      const row = this.rowOf(lane.user);
      const standing = this.root.children[index];
      if (standing !== row.root) this.root.insertBefore(row.root, standing ?? null);
      row.show(lane);
    }
  }

  private rowOf(user: string): Row {
    const known = this.rows.get(user);
    if (known !== undefined) return known;
    const row = new Row(user);
    this.rows.set(user, row);
    return row;
  }
}

class Row {
  readonly root: HTMLElement;
  private readonly tokens = element('ol', { class: 'tokens' });
  private readonly count = element('span', { class: 'lane-count' });
  /** Of all effects of the user, those that were drawn. */
  private drawnCount = 0;

  constructor(user: string) {
    this.root = element('li', { class: 'lane', 'data-user': user });
    this.root.append(element('span', { class: 'lane-user' }, user), this.tokens, this.count);
  }

  show({ earlierCount, arrivals, swappedCount }: Lane): void {
    const arrivedCount = earlierCount + arrivals.length;
    /** A new run, or a replay from its beginning. */
    if (arrivedCount < this.drawnCount) this.empty();
    const news = arrivals.slice(Math.max(0, this.drawnCount - earlierCount));
    this.tokens.append(...news.map(tokenOf));
    this.drawnCount = arrivedCount;
    while (this.tokens.childElementCount > arrivals.length) this.tokens.firstElementChild?.remove();
    say(this.count, swappedCount === 0 ? '' : `${swappedCount} swapped`);
    if (news.length > 0) this.tokens.scrollLeft = this.tokens.scrollWidth;
  }

  private empty(): void {
    this.tokens.replaceChildren();
    this.drawnCount = 0;
  }
}

function tokenOf({ sequence, consumer, finding }: Arrival): HTMLElement {
  return element(
    'li',
    { class: `token ${finding} ${colourOf(consumer)}`, title: `event ${sequence} by ${consumer}${MEANING[finding]}` },
    element('b', {}, String(sequence)),
    element('small', {}, consumer),
  );
}
