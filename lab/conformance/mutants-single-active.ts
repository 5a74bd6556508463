/** Mutants of Exclusive and Failover. */
import type { Mutant } from './mutant';

export const SINGLE_ACTIVE_MUTANTS: readonly Mutant[] = [
  {
    name: 'failover-does-not-rewind',
    file: 'dispatch-single-active.ts',
    line: '  if (state.activeId === null) return;\n  rewind(dispatch.cursor);',
    instead: '  if (state.activeId === null) return;',
    scripts: ['failover-take-over', 'failover-kill', 'failover-five-partitions'],
  },
  {
    name: 'failover-serves-in-order-of-joining',
    file: 'active-consumer.ts',
    line: '    .sort((left, right) => compareNames(left.name, right.name));',
    instead: '    .sort((left, right) => 0 * compareNames(left.name, right.name));',
    scripts: ['failover-take-over', 'ack-late-after-failover'],
  },
  {
    name: 'failover-serves-all-partitions-by-one',
    file: 'active-consumer.ts',
    line: 'candidates[partition % candidates.length]',
    instead: 'candidates[0]',
    scripts: ['failover-two-partitions', 'failover-three-partitions'],
  },
  {
    name: 'failover-on-a-plain-topic-takes-the-last-name',
    file: 'active-consumer.ts',
    line: 'chooseOnRing(candidates, topic);',
    instead: '(topic === null ? undefined : candidates.at(-1));',
    scripts: ['failover-plain-topic', 'priority-failover-plain'],
  },
  {
    name: 'failover-ignores-priority-levels',
    file: 'active-consumer.ts',
    line: '    .filter(({ priorityLevel }) => priorityLevel === best)',
    instead: '    .filter(({ priorityLevel }) => priorityLevel >= best)',
    scripts: ['priority-failover'],
  },
  {
    name: 'a-nack-by-a-stand-by-rewinds',
    file: 'dispatch-single-active.ts',
    line: '  if (consumer.id !== state.activeId) return;\n',
    instead: '  if (consumer.id === state.takeOverAtMs) return;\n',
    scripts: ['failover-nack'],
  },
  {
    name: 'an-exclusive-nack-brings-nothing-back',
    file: 'dispatch-single-active.ts',
    line: '  if (consumer.id !== state.activeId) return;\n  rewind(dispatch.cursor);',
    instead: '  if (consumer.id !== state.activeId) return;',
    scripts: ['exclusive-nack-rewinds', 'dead-letter-exclusive', 'exclusive-partitions', 'dead-letter-failover'],
  },
  {
    name: 'limits-concern-whoever-is-served',
    file: 'dispatch-single-active.ts',
    line: '    deliver(dispatch, active, position, 0);',
    instead:
      '    deliver(dispatch, active, position, 0);\n    active.isBlocked = position - dispatch.cursor.markDelete > dispatch.settings.unackedPerConsumerMax;',
    scripts: ['unacked-limit-exclusive'],
  },
  {
    name: 'a-take-over-waits-for-nobody-else',
    file: 'dispatch-single-active.ts',
    line: '  if (chosen === state.activeId) return;\n',
    instead: '  if (chosen === state.activeId || findConsumer(consumers, state.activeId) !== null) return;\n',
    scripts: ['failover-take-over'],
  },
  {
    name: 'the-last-of-one-name-is-served',
    file: 'active-consumer.ts',
    line: 'compareNames(left.name, right.name));',
    instead: 'compareNames(left.name, right.name) || right.id - left.id);',
    scripts: ['failover-one-name'],
  },
];
