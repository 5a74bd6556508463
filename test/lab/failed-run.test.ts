/** A run that fails in the middle ends: nothing of its consumers goes on behind it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { runExperiment } from '../../lab/experiment';
import { cornerOf } from '../../lab/world';
import { openCountingMeter } from '../../shared/adapters/counting-meter';
import type { Clock } from '../../shared/ports';
import { PLAN } from '../../shared/scenarios/defaults';
import { credits } from '../support/user-event';
import { temporaryFolder } from '../support/virtual-run';

const HANDLER_MS = 100;

it('its consumers end with it, whatever they were doing', async () => {
  const clock = openVirtualClock();
  let sleepCount = 0;
  const counting: Clock = {
    nowMs: () => clock.nowMs(),
    sleep: (ms) => {
      sleepCount += 1;
      return clock.sleep(ms);
    },
  };
  const historyFolder = join(temporaryFolder(), 'history');
  mkdirSync(historyFolder);
  const running = runExperiment({
    plan: { ...PLAN, scenario: 'ad-hoc', seed: '1', slowHandlers: { oneIn: 1, ms: HANDLER_MS } },
    ...{ planHash: '', events: eventsThenFailure(), clock: counting, meter: openCountingMeter(), processes: false },
    place: { brokerUrl: 'embedded:', storeUrl: 'embedded:', adminUrl: null, ...cornerOf('run-1') },
    ...{ historyFolder, versions: {}, stop: { stopping: false } },
  });
  await expect(clock.run(running)).rejects.toThrow('the workload broke');
  await clock.run(clock.sleep(HANDLER_MS));
  const sleepsAtTheEnd = sleepCount;
  await clock.run(clock.sleep(60_000));
  expect(sleepCount).toBe(sleepsAtTheEnd);
});

/** Their handlers are at work when the next event cannot be read. */
async function* eventsThenFailure() {
  yield* credits(5, 1);
  throw new Error('the workload broke');
}
