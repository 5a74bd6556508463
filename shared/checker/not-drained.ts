/** H5: quiescence was not reached, so that what is missing may only be late. */
import type { Law } from './law';

export function notDrained(): Law {
  return {
    ids: ['H5'],
    sees: [],
    observe() {},
    finish(run, report) {
      if (run.isDrained) return;
      const { quiescence } = run;
      const sentence =
        quiescence === null
          ? 'the run has no quiescence record: it ended before it was still'
          : `the deadline passed with a backlog of ${quiescence.backlog}`;
      report({
        ...{
          id: 'H5',
          user: null,
          sequence: null,
          isDefinite: true,
          how: quiescence?.state ?? 'unrecorded',
          events: [],
        },
        sentence: () => sentence,
      });
    },
  };
}
