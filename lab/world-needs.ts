/** World needs: refuses a run whose faults its world cannot do, and says which options make one that can. */
import { OrderlabError } from '../shared/errors';
import { unreachable } from '../shared/model/invariant';
import { NEEDS, type Need, needsOf } from '../shared/model/need';
import type { Plan } from '../shared/model/plan';

/** What a run has, as far as needs ask. */
export interface Offer {
  readonly brokerUrl: string;
  readonly processes: boolean;
  /** The broker is the run's own: its data folder is known, and it may be killed. */
  readonly ownsBroker: boolean;
}

/** Throws WORLD_UNFIT with every need that is not met. */
export function requireNeeds({ faults }: Plan, offer: Offer): void {
  const missing = needsOf(faults).filter((need) => !isMet(need, offer));
  if (missing.length === 0) return;
  throw new OrderlabError('WORLD_UNFIT', { problem: missing.map((need) => ADVICE[need]).join('; ') });
}

/** What a world with that offer can do beside what every world does. */
export function needsMet(offer: Offer): readonly Need[] {
  return NEEDS.filter((need) => isMet(need, offer));
}

function isMet(need: Need, { brokerUrl, processes, ownsBroker }: Offer): boolean {
  switch (need) {
    case 'processes':
      /** The embedded broker is put on a socket for processes. A proxy in front of wss:// would have no certificate. */
      return processes && !brokerUrl.startsWith('wss://');
    case 'real-broker':
      return brokerUrl !== 'embedded:';
    case 'own-broker':
      return ownsBroker;
    default:
      return unreachable(need, 'need');
  }
}

/** The options that meet a need. */
export const NEED_OPTIONS: Readonly<Record<Need, string>> = {
  processes: '--processes --store redis://HOST:PORT',
  'real-broker': '--broker ws://HOST:PORT',
  'own-broker': '--own-broker FOLDER',
};

const ADVICE: Readonly<Record<Need, string>> = {
  processes: `only a consumer in a process of its own can be stopped, and none that speaks wss:// be cut off (--broker embedded:, ws://HOST:PORT or pulsar://HOST:PORT): ${NEED_OPTIONS.processes}`,
  'real-broker': `only a real Pulsar unloads a topic: ${NEED_OPTIONS['real-broker']}`,
  'own-broker':
    'only a broker that nobody else uses may be restarted or killed: ' +
    `${NEED_OPTIONS['own-broker']} starts one here, with its data in that folder`,
};
