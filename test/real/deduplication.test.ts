/** Deduplication of a running Pulsar: it drops what a producer sends twice, and no rival's event, by whichever client. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshSeed, run } from '../../lab/run';
import { systemClock } from '../../shared/adapters/system-clock';
import { dedupIsNotConditional } from '../../shared/scenarios/dedup-is-not-conditional';
import { describePulsar } from '../support/pulsar-broker';
import { describeNative } from '../support/pulsar-native';

const { name, plan } = dedupIsNotConditional;

/** Occurrences by class. */
async function found(place: { readonly brokerUrl: string; readonly adminUrl?: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-dedup-'));
  try {
    const { verdict } = await run({
      plan: { ...plan, scenario: name, seed: freshSeed() },
      ...{ ...place, storeUrl: 'embedded:', clock: systemClock, skipBadLines: false, stop: { stopping: false } },
      ...{ folderPath: join(folder, 'run'), replay: `orderlab run --scenario ${name}` },
    });
    return new Map<string, number>(verdict.anomalies.map(({ id, count }) => [id, count]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describeNative('deduplication', (addresses) => {
  it('drops the second copy of every numbered message, and takes both first events of every user', async () => {
    const { url, adminUrl } = addresses();
    const counts = await found({ brokerUrl: url, adminUrl });
    expect([counts.get('W1'), counts.get('W4')]).toEqual([12, undefined]);
  });
});

describePulsar('deduplication', (broker) => {
  it('over WebSocket has no numbers to compare: the second copies are stored, and so are both first events', async () => {
    const counts = await found({ brokerUrl: broker().url });
    expect(counts.get('W1')).toBeGreaterThanOrEqual(12);
    /** Every event of the run, both creations and three more of each of twelve users, stands there once more. */
    expect(counts.get('W4')).toBeGreaterThanOrEqual(36);
  });
});
