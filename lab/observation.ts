/** Observation of a consumer process: a sheet of its own, whose numbers go to the supervisor, who shows them all as one. */
import type { SheetNumbers } from '../shared/adapters/prometheus-sheet';
import type { Plan } from '../shared/model/plan';
import type { Clock } from '../shared/ports';
import type { Member } from './crew';
import { metricWatcher } from './metric-watcher';
import type { Watcher } from './watcher';

export interface Observation {
  readonly watcher: Watcher;
  /** All that was counted. What the process cannot know, such as the backlog, it tells as far as it has it in hand. */
  numbers(load: Member['load'], storeGeneration: number): SheetNumbers;
}

export function openObservation({ topology, strategy }: Plan, clock: Clock): Observation {
  /** Who is not observed does not load it. */
  const { openMetricSheet } =
    require('../shared/adapters/prometheus-sheet') as typeof import('../shared/adapters/prometheus-sheet');
  const sheet = openMetricSheet({ topology: topology.subscriptionType, strategy });
  const watcher = metricWatcher(sheet, clock);
  return {
    watcher,
    numbers: ({ inHandCount }, storeGeneration) => {
      const unknown = { unackedCount: 0, drainingHashCount: 0, parkedCount: 0 };
      watcher.ticked({ backlog: inHandCount, inHandCount, ...unknown, storeGeneration });
      return sheet.numbers();
    },
  };
}
