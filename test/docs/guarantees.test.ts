/**
 * docs/guarantees.md: every class is explained, every drawing is what the checker says it is. ORDERLAB_UPDATE=1 writes the
 * drawings of today into the page.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANOMALY_CLASSES, IMPLIES } from '../../shared/model/anomaly';
import { judged } from '../support/judged';
import { blocksOfKind, holdDrawing, pageText, rowsOf, sectionOf } from '../support/markdown-page';
import { runOf } from '../support/scenario-run';
import { historyOf } from '../support/timeline';

const page = pageText('docs/guarantees.md');

it('gives every anomaly class a heading with its plain name first, and no other', () => {
  const headings = [...page.matchAll(/^### (.+ \([A-Z]\d+\))$/gm)].map(([, title]) => title);
  expect(headings).toEqual(Object.values(ANOMALY_CLASSES).map(({ id, plain }) => `${plain} (${id})`));
});

it('lists what follows from what, whole and with nothing added', () => {
  const listed = rowsOf(sectionOf(page, '### Roots and consequences')).slice(2);
  expect(listed.map(([root, consequence, scope]) => `${root} ${consequence} ${scope}`).sort()).toEqual(
    IMPLIES.map(({ root, consequence, scope }) => `${root} ${consequence} ${scope.replace('-', ' ')}`).sort(),
  );
});

it.each(blocksOfKind(page, 'drawing').map(({ info, text }) => [info, text] as const))(
  'draws a %s that the checker blames for it',
  (id, drawing) => {
    const found = judged(historyOf(drawing)).anomalies.map((anomaly) => anomaly.id);
    expect(found).toContain(id);
  },
);

it.each(blocksOfKind(page, 'timeline').map(({ info, text }) => [info, text] as const))(
  'shows of %s what explain draws',
  async (scenario, timeline) => {
    const { folder } = await runOf(scenario, '1');
    const drawn = readFileSync(join(folder, 'timeline.txt'), 'utf8').split('\n');
    holdDrawing('docs/guarantees.md', timeline, drawn);
  },
);
