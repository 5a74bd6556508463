/** Handler time: which handlers of a plan are slow, drawn from its seed. */
import { seededRandom } from '../shared/adapters/seeded-random';
import type { EventRef, Plan } from '../shared/model/plan';
import type { Clock } from '../shared/ports';

/** How long the handler of an event takes beyond the others: the same in every world and at every delivery. */
export function handlerTime({ seed, slowHandlers }: Plan): (event: EventRef) => number {
  if (slowHandlers === null) return () => 0;
  const random = seededRandom(seed);
  const { oneIn, ms } = slowHandlers;
  return ({ user, sequence }) => (random.stream('slow handler', `${user}#${sequence}`).below(oneIn) === 0 ? ms : 0);
}

/** Waits for the slow ones. */
export function takeTime(timeMs: number, clock: Clock): 'go' | Promise<'go'> {
  return timeMs === 0 ? 'go' : clock.sleep(timeMs).then(() => 'go' as const);
}
