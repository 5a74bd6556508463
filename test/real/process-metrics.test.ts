/** What consumers in processes of their own count, shown as one sheet by the process that runs them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../lab/run';
import { type MetricSheet, openMetricSheet } from '../../shared/adapters/prometheus-sheet';
import { systemClock } from '../../shared/adapters/system-clock';
import { planOf, type RunInput, readRunInput } from '../../shared/config';
import { orderlab } from '../support/orderlab';
import { describeOwnRedis } from '../support/redis-server';
import { until } from '../support/until';

jest.setTimeout(180_000);

const EVENT_COUNT = 600;
const SMALL = { events: String(EVENT_COUNT), users: '20', consumers: '2' } as const;

/** The sum of all series of that name that carry these labels. */
function totalIn(text: string, name: string, labels = ''): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describeOwnRedis('consumers in processes', [], (redis) => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-process-metrics-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const perform = async (input: RunInput, name: string): Promise<MetricSheet> => {
    const plan = planOf(readRunInput({ ...SMALL, ...input }), {
      ...{ seed: '7', eventCount: EVENT_COUNT, killAt: () => 'after:apply' as const },
    });
    const sheet = openMetricSheet({ topology: plan.topology.subscriptionType, strategy: plan.strategy });
    const { report } = await run({
      ...{ plan, brokerUrl: 'embedded:', storeUrl: redis().url, clock: systemClock, processes: true },
      ...{ folderPath: join(folder, name), skipBadLines: false, replay: '', stop: { stopping: false } },
      gathering: sheet,
    });
    expect(report.verdict).not.toBe('invalid');
    return sheet;
  };

  it('count together what one process would have counted, to the last event', async () => {
    const text = await (await perform({}, 'calm')).text();
    expect(totalIn(text, 'orderlab_effects_total', 'order="next"')).toBe(EVENT_COUNT);
    expect(totalIn(text, 'orderlab_effects_total')).toBe(EVENT_COUNT);
    expect(totalIn(text, 'orderlab_acknowledgements_total', 'kind="ack"')).toBe(EVENT_COUNT);
    expect(totalIn(text, 'orderlab_effect_latency_seconds_count')).toBe(EVENT_COUNT);
    /** They have left, and hold nothing. */
    expect(totalIn(text, 'orderlab_consumers')).toBe(0);
    expect(totalIn(text, 'orderlab_unacknowledged')).toBe(0);
  });

  it('count what they told before they were killed, and nothing twice', async () => {
    const text = await (await perform({ killOne: true }, 'killed')).text();
    const effects = totalIn(text, 'orderlab_effects_total', 'order="next"');
    expect(effects).toBeGreaterThan(0);
    expect(effects).toBeLessThanOrEqual(EVENT_COUNT);
    expect(totalIn(text, 'orderlab_effects_total', 'order="repeated"')).toBe(0);
    expect(totalIn(text, 'orderlab_consumers')).toBe(0);
  });

  it('are scraped at the port of the command that runs them', async () => {
    let said = '';
    let interrupt = (): void => {};
    const words = ['run', '--processes', '--store', redis().url, '--events', '100000', '--rate', '300'];
    const ended = orderlab([...words, '--users', '20', '--consumers', '2', '--metrics-port', '0'], {
      folder,
      onStart: (child) => {
        child.stderr?.on('data', (text: Buffer) => {
          said += String(text);
        });
        interrupt = () => void child.kill('SIGINT');
      },
    });
    try {
      const scrape = async (): Promise<string> => {
        const url = /metrics: (http:\S+)/.exec(said)?.[1];
        return url === undefined ? '' : (await fetch(url)).text();
      };
      await until(
        'both consumers are seen at work',
        async () => {
          const text = await scrape();
          return totalIn(text, 'orderlab_consumers') === 2 && totalIn(text, 'orderlab_effects_total', 'next') > 0;
        },
        60_000,
      );
    } finally {
      interrupt();
    }
    expect((await ended).exitCode).not.toBe(3);
  });
});
