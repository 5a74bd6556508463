/** Every script of a conformance run. */
import type { Script } from './script';
import { ACK_SCRIPTS } from './scripts-acks';
import { CLIENT_SCRIPTS } from './scripts-client';
import { DRAINING_SCRIPTS } from './scripts-draining';
import { KEY_SHARED_SCRIPTS } from './scripts-key-shared';
import { OUTAGE_SCRIPTS } from './scripts-outage';
import { RANGE_SCRIPTS } from './scripts-ranges';
import { SHARED_SCRIPTS } from './scripts-shared';
import { SINGLE_ACTIVE_SCRIPTS } from './scripts-single-active';

export const SCRIPTS: readonly Script[] = [
  ...RANGE_SCRIPTS,
  ...SINGLE_ACTIVE_SCRIPTS,
  ...DRAINING_SCRIPTS,
  ...KEY_SHARED_SCRIPTS,
  ...SHARED_SCRIPTS,
  ...ACK_SCRIPTS,
  ...CLIENT_SCRIPTS,
  ...OUTAGE_SCRIPTS,
];
