/** Projecting: a projector on a stage, and what it is offered. */
import { type ProjectorOptions, startProjector } from '../../consumers/projector';
import { STRATEGIES } from '../../consumers/strategies/index';
import type { UserEvent } from '../../shared/model/event';
import type { StrategyName } from '../../shared/model/strategy';
import { SETTINGS, type Stage } from './stage';
import { credits } from './user-event';

/** A projector over the stage's ports. */
export function start(
  stage: Stage,
  strategy: StrategyName = 'version-next-repair',
  choice: Partial<ProjectorOptions> = {},
) {
  return startProjector({
    ...{ strategy: STRATEGIES[strategy], settings: SETTINGS, ports: stage.ports, meter: stage.meter },
    ...{
      context: { listensTo: null, unlistened: 'advance', identity: 'event' },
      unackedCountMax: 1_000,
      witnessesOverlap: true,
    },
    ...choice,
  });
}

/** The events of one user. */
export function stream(count: number): readonly UserEvent[] {
  return credits(count, 1);
}

/** These of them, in this order. */
export function pick(events: readonly UserEvent[], ...sequences: readonly number[]): readonly UserEvent[] {
  return events
    .filter(({ sequence }) => sequences.includes(sequence))
    .sort((left, right) => {
      return sequences.indexOf(left.sequence) - sequences.indexOf(right.sequence);
    });
}
