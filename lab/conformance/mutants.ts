/** Every mutant of the model. */
import type { Mutant } from './mutant';
import { CLIENT_MUTANTS } from './mutants-client';
import { CURSOR_MUTANTS } from './mutants-cursor';
import { KEY_SHARED_MUTANTS } from './mutants-key-shared';
import { SHARED_MUTANTS } from './mutants-shared';
import { SINGLE_ACTIVE_MUTANTS } from './mutants-single-active';

export const MUTANTS: readonly Mutant[] = [
  ...KEY_SHARED_MUTANTS,
  ...SHARED_MUTANTS,
  ...SINGLE_ACTIVE_MUTANTS,
  ...CLIENT_MUTANTS,
  ...CURSOR_MUTANTS,
];
