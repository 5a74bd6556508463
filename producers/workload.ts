/** Workloads: from what a plan says to the events that are published. */
import { OrderlabError } from '../shared/errors';
import type { UserEvent } from '../shared/model/event';
import { invariant, unreachable } from '../shared/model/invariant';
import type { ListedEvent, Plan } from '../shared/model/plan';
import type { Ids, Random } from '../shared/ports';
import { Numbering } from './numbering';
import { syntheticDrafts } from './synthetic';
import { type EventDraft, readDraft } from './trace';

/** What a workload is expanded with. */
export interface WorkloadSources {
  /** Draws a synthetic workload. */
  readonly random: Random;
  readonly ids: Ids;
  /** The events of the trace that the workload names; null for the other kinds. */
  readonly trace: AsyncIterable<EventDraft> | Iterable<EventDraft> | null;
}

/**
 * The events of a workload, with dense sequences per user and ids. The same workload and sources give the same events.
 * `intendedAt` is the workload's own time: the trace's, otherwise 0; the producer runner makes it the time of sending.
 * Errors: USAGE for an unknown skew and for a listed event that is none; whatever reading the trace throws.
 */
export async function* expandWorkload(workload: Plan['workload'], sources: WorkloadSources): AsyncGenerator<UserEvent> {
  const numbering = new Numbering(sources.ids);
  for await (const draft of draftsOf(workload, sources)) yield numbering.number(draft);
}

function draftsOf(
  workload: Plan['workload'],
  sources: WorkloadSources,
): AsyncIterable<EventDraft> | Iterable<EventDraft> {
  switch (workload.kind) {
    case 'trace':
      invariant(sources.trace !== null, 'a trace workload is expanded with its trace');
      return workload.limit === null ? sources.trace : firstOf(sources.trace, workload.limit);
    case 'synthetic':
      return syntheticDrafts(workload, sources.random);
    case 'listed':
      return workload.events.map(listedDraft);
    /** Writers make events of these, and number them. */
    case 'commands':
      return [];
    default:
      return unreachable(workload, 'workload');
  }
}

/** Stops without asking for one event more, and so closes what it reads. */
async function* firstOf<T>(items: AsyncIterable<T> | Iterable<T>, limit: number): AsyncGenerator<T> {
  if (limit <= 0) return;
  let given = 0;
  for await (const item of items) {
    yield item;
    given += 1;
    if (given >= limit) return;
  }
}

function listedDraft(listed: ListedEvent, index: number): EventDraft {
  const { draft, problem } = readDraft({ at: 0, ...listed });
  if (draft !== null) return draft;
  throw new OrderlabError('USAGE', { problem: `listed event ${index + 1}: ${problem}` });
}
