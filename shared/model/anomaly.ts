/** Anomalies: named breaches, their plain names, and what follows from what. Defined in docs/guarantees.md. */

export const ANOMALY_IDS = [
  'W1',
  'W2',
  'W3',
  'W4',
  'W5',
  'W6',
  'W7',
  'W8',
  'W9',
  'W10',
  'W11',
  'W12',
  'W14',
  'W15',
  'W16',
  'D1',
  'D2',
  'D3',
  'D4',
  'D5',
  'D6',
  'X1',
  'X2',
  'X3',
  'X4',
  'X5',
  'X6',
  'X8',
  'X9',
  'X10',
  'X16',
  'X18',
  'X21',
  'R2',
  'H1',
  'H3',
  'H5',
] as const;
export type AnomalyId = (typeof ANOMALY_IDS)[number];

/** Write side, delivery side, effect side, reads, the checker's own honesty. */
export type AnomalyFamily = 'W' | 'D' | 'X' | 'R' | 'H';

/** The family is the letter of the id. */
export function familyOf(id: AnomalyId): AnomalyFamily {
  return id.charAt(0) as AnomalyFamily;
}

export interface AnomalyClass {
  readonly id: AnomalyId;
  /** The technical name, stable: reports and dashboards use it. */
  readonly name: string;
  /** What a newcomer reads first. */
  readonly plain: string;
  /** One sentence: the definition. */
  readonly definition: string;
}

/** Every class that this release detects. */
export const ANOMALY_CLASSES: Readonly<Record<AnomalyId, AnomalyClass>> = {
  W1: {
    id: 'W1',
    name: 'fork',
    plain: 'two events at one place',
    definition: 'Two different events of one user carry the same sequence.',
  },
  W2: {
    id: 'W2',
    name: 'lost-update',
    plain: 'decided on an old version',
    definition: 'An event was accepted behind others that its decision had not seen.',
  },
  W3: {
    id: 'W3',
    name: 'double-create',
    plain: 'user added twice',
    definition: 'One user was created more than once, or two users hold one e-mail at the same time.',
  },
  W4: {
    id: 'W4',
    name: 'duplicate-publish',
    plain: 'event published twice',
    definition: 'One event stands at more than one position of the log.',
  },
  W5: {
    id: 'W5',
    name: 'partial-overlap-append',
    plain: 'sent together, stored apart',
    definition:
      'Events that a producer had under way together were stored in part, and the rest later, behind a foreign event or in another order.',
  },
  W6: {
    id: 'W6',
    name: 'lost-publish',
    plain: 'acknowledged publish missing',
    definition: 'A publish was answered ok and the event is absent from the log at quiescence.',
  },
  W7: {
    id: 'W7',
    name: 'phantom-publish',
    plain: 'published by nobody',
    definition: 'An event is in the log, and no producer ever sent it, or each attempt failed for certain.',
  },
  W8: {
    id: 'W8',
    name: 'producer-reorder',
    plain: 'published out of order',
    definition: 'One producer published a before b for one user, yet b stands before a in the log.',
  },
  W9: {
    id: 'W9',
    name: 'misroute',
    plain: 'published in two places',
    definition: "A user's events lie in more than one partition or topic, or under another key than the user's.",
  },
  W10: {
    id: 'W10',
    name: 'mixed-entry',
    plain: 'several keys in one entry',
    definition: 'One stored entry holds events under two or more keys while a Key_Shared subscription reads it.',
  },
  W11: {
    id: 'W11',
    name: 'zombie-append',
    plain: 'written by one who had lost its shard',
    definition: 'An append was accepted from an owner of a shard after a later owner had been granted it.',
  },
  W12: {
    id: 'W12',
    name: 'dual-write',
    plain: 'store and topic disagree',
    definition: 'An event was committed and never published, or published and never committed.',
  },
  W14: {
    id: 'W14',
    name: 'false-conflict',
    plain: 'refused without a rival',
    definition:
      'A command was refused for its version although that version was current all the time, or was made so by itself.',
  },
  W15: {
    id: 'W15',
    name: 'command-outcome',
    plain: 'answer and deed differ',
    definition: 'A command was executed twice, accepted without an event, refused with one, or answered in two ways.',
  },
  W16: {
    id: 'W16',
    name: 'append-not-linearizable',
    plain: 'order of answers against order of events',
    definition: 'A command was accepted before another one began, yet its event stands behind the event of the other.',
  },
  D1: {
    id: 'D1',
    name: 'delivery-loss',
    plain: 'never delivered',
    definition: 'An event in the log was never delivered at quiescence.',
  },
  D2: {
    id: 'D2',
    name: 'redelivery',
    plain: 'delivered again',
    definition: 'A legal repeat: its cause is on record and it keeps the replay rule. Never a violation.',
  },
  D3: {
    id: 'D3',
    name: 'delivery-reorder',
    plain: 'delivered out of order',
    definition: 'The first delivery of an event came after the first delivery of a later event of the same user.',
  },
  D4: {
    id: 'D4',
    name: 'illegal-replay',
    plain: 'delivered again without a cause',
    definition:
      'A repeat without a recorded cause, after a confirmed acknowledgement, or out of order within its replay.',
  },
  D5: {
    id: 'D5',
    name: 'concurrent-ownership',
    plain: 'two consumers hold one user',
    definition: 'Two live consumers held unacknowledged messages of one user at the same time.',
  },
  D6: {
    id: 'D6',
    name: 'nack-overtaking',
    plain: 'overtaken after a negative acknowledgement',
    definition: 'An event was negatively acknowledged and a later event of the user was delivered before it came back.',
  },
  X1: {
    id: 'X1',
    name: 'effect-loss',
    plain: 'event lost',
    definition: 'An event in the log has no effect at quiescence and no policy says why.',
  },
  X2: {
    id: 'X2',
    name: 'duplicate-effect',
    plain: 'event applied twice',
    definition: 'One event changed the read model more than once.',
  },
  X3: {
    id: 'X3',
    name: 'effect-reorder',
    plain: 'events swapped',
    definition: 'The first effects of two events of one user are inverted with respect to the log.',
  },
  X4: {
    id: 'X4',
    name: 'effect-gap',
    plain: 'applied over a hole',
    definition: 'An event was applied while one of its predecessors had not been.',
  },
  X5: {
    id: 'X5',
    name: 'stale-overwrite',
    plain: 'older event written over newer',
    definition: 'An event of a lower sequence was applied to a state of a higher version.',
  },
  X6: {
    id: 'X6',
    name: 'phantom-effect',
    plain: 'effect of an event nobody published',
    definition: 'An effect exists for an event that is not in the log.',
  },
  X8: {
    id: 'X8',
    name: 'handler-overlap',
    plain: 'two handlers of one user at once',
    definition: 'Handlers of one user ran at the same time, by the in-store begin and end witness.',
  },
  X9: {
    id: 'X9',
    name: 'poisoned-marker',
    plain: 'idempotency key without effect',
    definition: 'An idempotency key says done and no effect exists.',
  },
  X10: {
    id: 'X10',
    name: 'unrecorded-effect',
    plain: 'effect without idempotency key',
    definition: 'An effect exists while the idempotency key that should record it is missing.',
  },
  X16: {
    id: 'X16',
    name: 'ack-before-effect',
    plain: 'acknowledged before applied',
    definition: 'An acknowledgement was sent before the effect was confirmed. A hazard.',
  },
  X18: {
    id: 'X18',
    name: 'state-divergence',
    plain: 'read model differs from the log',
    definition: 'The state of a user differs from the fold of the log.',
  },
  X21: {
    id: 'X21',
    name: 'derived-output-fault',
    plain: 'result topic wrong',
    definition:
      "The result topic misses an event, repeats one, or holds a user's results in another order than the log.",
  },
  R2: {
    id: 'R2',
    name: 'read-your-writes-miss',
    plain: 'own write not seen',
    definition: 'A session read an older version of a user than it had written itself.',
  },
  H1: {
    id: 'H1',
    name: 'vacuous-run',
    plain: 'too little happened',
    definition: 'The run stayed below its floors, so that it could not have failed.',
  },
  H3: {
    id: 'H3',
    name: 'recorder-loss',
    plain: 'records missing',
    definition: "A recorder's counter has a hole, or a process ended without a recorded end.",
  },
  H5: {
    id: 'H5',
    name: 'not-drained',
    plain: 'did not finish',
    definition: 'Quiescence was not reached: what is missing may only be late.',
  },
};

/**
 * How a consequence is tied to its root, for one user.
 * same-event: the root's event is the consequence's. same-user: any event of the user.
 */
export interface Implication {
  readonly root: AnomalyId;
  readonly consequence: AnomalyId;
  readonly scope: 'same-event' | 'same-user';
}

/** Roots and consequences as data (anomalies 5): a verdict lists roots, a consequence carries causedBy. */
export const IMPLIES: readonly Implication[] = [
  { root: 'X1', consequence: 'X18', scope: 'same-user' },
  { root: 'X2', consequence: 'X18', scope: 'same-user' },
  { root: 'X3', consequence: 'X18', scope: 'same-user' },
  { root: 'X5', consequence: 'X18', scope: 'same-user' },
  /** What nobody published is in no fold of the log. */
  { root: 'X6', consequence: 'X18', scope: 'same-user' },
  /** A repeat that lands after a newer event is a stale overwrite because it is a repeat. */
  { root: 'X2', consequence: 'X5', scope: 'same-event' },
  /** A key without effect made a consumer skip the delivery: the event is lost. */
  { root: 'X9', consequence: 'X1', scope: 'same-event' },
  /** An effect without key met a redelivery: it was applied again. */
  { root: 'X10', consequence: 'X2', scope: 'same-event' },
  /** What was applied out of order was first applied over a hole, and then over a newer state. */
  { root: 'X3', consequence: 'X4', scope: 'same-user' },
  { root: 'X3', consequence: 'X5', scope: 'same-event' },
  { root: 'X1', consequence: 'X4', scope: 'same-user' },
  /** What reached no consumer could not be applied. */
  { root: 'D1', consequence: 'X1', scope: 'same-event' },
  /** Of two events at one place both may be creations, and only one can be applied there. */
  { root: 'W1', consequence: 'W3', scope: 'same-user' },
  /** What was stored in part and sent again stands in another order. */
  { root: 'W5', consequence: 'W8', scope: 'same-user' },
  /** A broker delivers in the order of its log; and a fold in that order is not the fold by sequence. */
  { root: 'W8', consequence: 'D3', scope: 'same-user' },
  { root: 'W8', consequence: 'X18', scope: 'same-user' },
];
