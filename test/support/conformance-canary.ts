/** Canary of conformance: a model that must be found to differ. */
import type { Subject, SubjectOptions } from '../../lab/conformance/subject';
import type { Clock } from '../../shared/ports';

/** Draining switched off, in a copy of the model of its own: a hash that moved is served at once by its new owner. */
export function openCanary(options: SubjectOptions, clock: Clock): Subject {
  let canary: Subject | null = null;
  jest.isolateModules(() => {
    const hashes = '../../shared/simulator/draining-hashes';
    jest.doMock(hashes, () => ({ ...jest.requireActual<object>(hashes), isBlocked: () => false }));
    const subjects = require('../../lab/conformance/subject') as typeof import('../../lab/conformance/subject');
    canary = subjects.openModel(options, clock);
    jest.dontMock(hashes);
  });
  if (canary === null) throw new Error('the canary was not opened');
  return canary;
}
