/** Standings page: what each claim, topology and setting says about each class, computed from the guarantees themselves. */
import { ANOMALY_IDS, type AnomalyId } from '../shared/model/anomaly';
import { guaranteesOf, type Promising } from '../shared/model/guarantee';
import { CLAIMS, type Claim, type Fault } from '../shared/model/plan';
import { PULSAR_SPELLING, SUBSCRIPTION_TYPES, type SubscriptionType } from '../shared/model/subscription';
import { ALWAYS } from '../shared/scenarios/defaults';
import { code, table } from './markdown';

/** The settings of `orderlab run` when nothing is said, with a result topic, so that every class can be judged. */
function promising(claim: Claim, subscriptionType: SubscriptionType, change: Partial<Promising> = {}): Promising {
  return {
    claim,
    topology: { subscriptionType, consumerCount: 4, partitionCount: 0, receiverQueueSize: 100 },
    ...{ strategy: 'version-next-repair', idempotencyKeys: true, audit: true, onFailure: 'park', resultTopic: true },
    ...change,
  };
}

export function standingsSection(): readonly string[] {
  return [
    '## Standings',
    'What a class does to a run: *forbidden*: one definite occurrence makes it invalid. *allowed*: counted, harmless by ' +
      'contract. *measured*: counted, no promise either way. *not-applicable*: not judged.',
    ...CLAIMS.flatMap(claimPart),
    '### What a setting changes',
    'Against claim `order+once` on Key_Shared; each line changes one setting.',
    table(['setting', 'classes that it changes'], CHANGES.map(changeRow)),
  ];
}

function claimPart(claim: Claim): readonly string[] {
  const columns = SUBSCRIPTION_TYPES.map((type) => guaranteesOf(promising(claim, type)));
  const rows = ANOMALY_IDS.map((id) => [id, ...columns.map((guarantees) => guarantees[id])]);
  const head = ['code', ...SUBSCRIPTION_TYPES.map((type) => PULSAR_SPELLING[type])];
  return [`### Claim \`${claim}\``, table(head, rows)];
}

interface Change {
  readonly setting: string;
  readonly change: Partial<Promising>;
}

const UNLOAD: Fault = { kind: 'unload', when: ALWAYS };

const CHANGES: readonly Change[] = [
  { setting: '--strategy ack-first', change: { strategy: 'ack-first' } },
  { setting: '--on-failure nack', change: { onFailure: 'nack' } },
  { setting: '--idempotency-keys off', change: { idempotencyKeys: false } },
  { setting: '--audit off', change: { audit: false } },
  { setting: 'no --result-topic', change: { resultTopic: false } },
  { setting: 'fault pause, unload, broker-restart or broker-kill', change: { faults: [UNLOAD] } },
];

function changeRow({ setting, change }: Change): readonly string[] {
  const usual = guaranteesOf(promising('order+once', 'key-shared'));
  const changed = guaranteesOf(promising('order+once', 'key-shared', change));
  const ids = ANOMALY_IDS.filter((id) => usual[id] !== changed[id]);
  const text = (id: AnomalyId): string => `${id} ${usual[id]} → ${changed[id]}`;
  return [code(setting), ids.map(text).join('; ')];
}
