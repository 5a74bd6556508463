/** Loads in virtual time: seconds of load that cost none. */

import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { type LoadOptions, runLoad } from '../../lab/load/load';
import type { LoadReport } from '../../lab/load/load-report';
import { type LoadInput, readLoadInput } from '../../lab/load/load-settings';

/** On the embedded parts, on a clock of its own. */
export function loadVirtually(input: LoadInput, choice: Partial<LoadOptions> = {}, seed = '7'): Promise<LoadReport> {
  const clock = openVirtualClock();
  return clock.run(
    runLoad({
      settings: readLoadInput(input, seed),
      place: {
        brokerUrl: 'embedded:',
        storeUrl: 'embedded:',
        adminUrl: null,
        namespace: 'public/load',
        keyPrefix: 'load',
      },
      ...{ clock, stop: { stopping: false }, replay: 'orderlab load' },
      ...choice,
    }),
  );
}
