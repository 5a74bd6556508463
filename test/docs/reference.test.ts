/** docs/reference.md is what the program prints now, and says what the tables in the code say. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ERRORS } from '../../shared/errors';
import { guaranteesOf } from '../../shared/model/guarantee';
import { METRICS } from '../../shared/model/metric';
import { CLAIMS } from '../../shared/model/plan';
import { PULSAR_SPELLING, SUBSCRIPTION_TYPES } from '../../shared/model/subscription';
import { pageText, ROOT, rowsOf, sectionOf } from '../support/markdown-page';
import { filesBelow, textOf } from '../tidy/repository';

// The program is built first where a source is newer.
jest.setTimeout(120_000);

const page = pageText('docs/reference.md');

it('is fresh: `npm run docs` would change nothing', () => {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, 'lab', 'orderlab.js'), 'docs'], { encoding: 'utf8' });
  expect(stdout.split('\n')).toEqual(page.split('\n'));
});

it('lists every error with what is known of it, and no other', () => {
  const listed = rowsOf(sectionOf(page, '## Errors')).slice(2);
  const known = Object.entries(ERRORS).map(([code, { message, httpStatus, exitCode, outcome }]) => [
    ...[`\`${code}\``, message, String(httpStatus), String(exitCode), outcome],
  ]);
  expect(listed).toEqual(known);
});

it.each(CLAIMS)('gives the standings of claim %s as the judge has them', (claim) => {
  const [head, , ...rows] = rowsOf(sectionOf(page, `### Claim \`${claim}\``));
  expect(head?.slice(1)).toEqual(SUBSCRIPTION_TYPES.map((type) => PULSAR_SPELLING[type]));
  SUBSCRIPTION_TYPES.forEach((subscriptionType, column) => {
    const guarantees = guaranteesOf({
      claim,
      topology: { subscriptionType, consumerCount: 2, partitionCount: 0, receiverQueueSize: 1 },
      ...{ strategy: 'version-next-repair', idempotencyKeys: true, audit: true, onFailure: 'park', resultTopic: true },
    });
    expect(Object.fromEntries(rows.map((cells) => [cells[0], cells[column + 1]]))).toEqual(guarantees);
  });
});

it('lists every metric with its labels', () => {
  const listed = rowsOf(sectionOf(page, '## Metrics')).slice(2);
  const known = Object.entries(METRICS).map(([name, { kind, unit, help }]) => [`\`${name}\``, kind, unit, help]);
  expect(listed.map(([name, kind, , unit, help]) => [name, kind, unit, help])).toEqual(known);
});

it('lists every limit that a source exports by name', () => {
  const sources = ['shared', 'producers', 'consumers', 'lab']
    .flatMap(filesBelow)
    .filter((path) => path.endsWith('.ts'));
  const exported = sources.flatMap((path) => [...textOf(path).matchAll(/^export const ([A-Z_]+_MAX) =/gm)]);
  const listed = rowsOf(sectionOf(page, '## Limits')).map(([name]) => name);
  expect(exported.map(([, name]) => `\`${name}\``).filter((name) => !listed.includes(name))).toEqual([]);
});
