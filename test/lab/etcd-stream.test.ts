/** The main job on real input: the whole etcd stream, as a user types it. Takes seconds, so it says nothing about time. */
import type { AnomalyReport } from '../../shared/model/verdict';
import { orderlab } from '../support/orderlab';
import { temporaryFolder } from '../support/virtual-run';

const EVENT_COUNT = 27_427;
const TIMEOUT_MS = 150_000;

async function judged(...words: readonly string[]) {
  const { exitCode, stdout } = await orderlab(['run', '--trace', 'etcd', '--consumers', '4', '--json', ...words], {
    folder: temporaryFolder(),
  });
  return { exitCode, report: JSON.parse(stdout) };
}

describe('the etcd stream through four consumers', () => {
  it(
    'on Key_Shared with the reference strategy: valid, each event applied once, an idempotency key for each',
    async () => {
      const { exitCode, report } = await judged('--kill-one');
      expect(exitCode).toBe(0);
      expect(report).toMatchObject({
        verdict: 'valid',
        counts: { published: EVENT_COUNT, applied: EVENT_COUNT, idempotencyKeys: EVENT_COUNT, quarantined: 0 },
      });
      expect(report.counts.redelivered).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'on Shared without a guard: invalid, with swapped or overwritten events and a witness',
    async () => {
      const { exitCode, report } = await judged('--topology', 'shared', '--strategy', 'no-guard');
      expect(exitCode).toBe(1);
      expect(report.verdict).toBe('invalid');
      const anomalies: readonly AnomalyReport[] = report.anomalies;
      const swapped = anomalies.find(({ id, rootCount }) => (id === 'X3' || id === 'X5') && rootCount > 0);
      expect(swapped?.witness).toMatchObject({
        user: expect.stringMatching(/./),
        sentence: expect.stringMatching(/#\d+/),
      });
    },
    TIMEOUT_MS,
  );
});
