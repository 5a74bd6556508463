/** The sheet of metrics: every series from the start, and never one more. */
import { openMetricSheet } from '../../shared/adapters/prometheus-sheet';
import { LATENCY_BOUNDS_SECONDS, METRICS } from '../../shared/model/metric';

const open = () => openMetricSheet({ topology: 'shared', strategy: 'no-guard' });
const samplesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

it('shows each metric of the table, with its help and its kind, before anything happened', async () => {
  const text = await open().text();
  for (const [name, { kind, help }] of Object.entries(METRICS)) {
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`);
  }
});

it('shows one series for every combination of the closed sets, with the labels of the process', async () => {
  const lines = samplesOf(await open().text());
  const expected = Object.values(METRICS).reduce((count, { kind, labels }) => {
    const combinations = Object.values<readonly string[]>(labels).reduce(
      (product, values) => product * values.length,
      1,
    );
    return count + (kind === 'histogram' ? LATENCY_BOUNDS_SECONDS.length + 3 : combinations);
  }, 0);
  expect(lines).toHaveLength(expected);
  for (const line of lines) expect(line).toContain('topology="shared",strategy="no-guard"');
});

it('counts in the cell that was asked for, and in no other', async () => {
  const sheet = open();
  sheet.counter('orderlab_effects_total', { order: 'older' }).value += 3;
  sheet.gauge('orderlab_backlog', {}).value = 17;
  const moved = samplesOf(await sheet.text()).filter((line) => !line.endsWith(' 0'));
  expect(moved).toEqual([
    'orderlab_effects_total{order="older",topology="shared",strategy="no-guard"} 3',
    'orderlab_backlog{topology="shared",strategy="no-guard"} 17',
  ]);
});

it('puts a duration into every bucket that it fits in, the bound included', async () => {
  const sheet = open();
  for (const seconds of [0.001, 0.2, 3_600]) sheet.histogram('orderlab_store_call_seconds').add(seconds);
  const text = await sheet.text();
  const bucket = (le: string) =>
    Number(new RegExp(`store_call_seconds_bucket\\{le="${le}"[^}]*\\} (\\d+)`).exec(text)?.[1]);
  expect(['0.0005', '0.001', '0.1', '0.2', '60', '\\+Inf'].map(bucket)).toEqual([0, 1, 1, 2, 2, 3]);
  expect(text).toMatch(/store_call_seconds_sum\{[^}]*\} 3600\.201\n/);
  expect(text).toMatch(/store_call_seconds_count\{[^}]*\} 3\n/);
});

describe('the numbers of other processes', () => {
  const shownIn = async (sheet: ReturnType<typeof open>, name: string) =>
    Number(new RegExp(`^${name}(\\{[^}]*\\})? (\\S+)$`, 'm').exec(await sheet.text())?.[2]);
  const telling = (effects: number, backlog: number, inHand: number, ...seconds: readonly number[]) => {
    const sheet = open();
    sheet.counter('orderlab_quarantined_total', {}).value = effects;
    sheet.gauge('orderlab_backlog', {}).value = backlog;
    sheet.gauge('orderlab_unacknowledged', {}).value = inHand;
    for (const one of seconds) sheet.histogram('orderlab_store_call_seconds').add(one);
    return sheet.numbers();
  };

  it('are shown as one sheet: counters and histograms add up, of a figure of the broker the largest stands', async () => {
    const sheet = open();
    sheet.take('c1#1', telling(3, 20, 4, 0.1));
    sheet.take('c2#1', telling(5, 10, 6, 0.2, 70));
    expect(await shownIn(sheet, 'orderlab_quarantined_total')).toBe(8);
    expect(await shownIn(sheet, 'orderlab_backlog')).toBe(20);
    expect(await shownIn(sheet, 'orderlab_unacknowledged')).toBe(10);
    expect(await shownIn(sheet, 'orderlab_store_call_seconds_count')).toBe(3);
    expect(await shownIn(sheet, 'orderlab_store_call_seconds_sum')).toBeCloseTo(70.3);
  });

  it('take the place of those that the same process told before', async () => {
    const sheet = open();
    for (const effects of [1, 2, 3]) sheet.take('c1#1', telling(effects, 0, 0));
    expect(await shownIn(sheet, 'orderlab_quarantined_total')).toBe(3);
  });

  it('stay counted when it has ended, and what it had in hand is gone', async () => {
    const sheet = open();
    sheet.take('c1#1', telling(3, 20, 4, 0.1));
    sheet.leave('c1#1');
    sheet.leave('c1#1');
    sheet.take('c1#2', telling(1, 2, 1, 0.1));
    expect(await shownIn(sheet, 'orderlab_quarantined_total')).toBe(4);
    expect(await shownIn(sheet, 'orderlab_unacknowledged')).toBe(1);
    expect(await shownIn(sheet, 'orderlab_backlog')).toBe(2);
    expect(await shownIn(sheet, 'orderlab_store_call_seconds_count')).toBe(2);
  });

  it('make no series more', async () => {
    const sheet = open();
    const before = samplesOf(await sheet.text()).length;
    for (let life = 1; life <= 50; life += 1) sheet.take(`c1#${life}`, telling(1, 1, 1, 1));
    expect(samplesOf(await sheet.text())).toHaveLength(before);
  });
});

it('asks for what changes by itself at every scrape', async () => {
  const sheet = open();
  const backlog = sheet.gauge('orderlab_backlog', {});
  sheet.beforeScrape(() => {
    backlog.value += 1;
  });
  await sheet.text();
  expect(await sheet.text()).toMatch(/orderlab_backlog\{[^}]*\} 2\n/);
});

it('has names and units as Prometheus wants them', () => {
  for (const [name, { kind, unit, labels }] of Object.entries(METRICS)) {
    expect(name).toMatch(kind === 'counter' ? /^orderlab_[a-z_]+_total$/ : /^orderlab_[a-z_]+(?<!_total)$/);
    expect(name.endsWith('_seconds')).toBe(unit === 'seconds');
    for (const label of Object.keys(labels)) expect(label).toMatch(/^[a-z]+$/);
  }
});
