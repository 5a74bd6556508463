import type { Scenario } from '../model/scenario';
import type { CommandRound, CommandTopic, WriterCrash, WriterSettings } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);
const RIVALS = [0, 1, 2];

/** Commands of one user meet in every round, at two gateways. */
export const MEETING: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % 2 })),
  ...Array.from({ length: 6 }, (_, round) =>
    USERS.flatMap((user) =>
      RIVALS.map((rival) => sent(`credit-${user}-${round}-${rival}`, crediting(user, 1 + rival), { writer: rival })),
    ),
  ),
];

/** 1 → 3 → 2, while commands are under way. */
export const MOVES: CommandTopic['moves'] = [
  { kind: 'join', round: 1 },
  { kind: 'join', round: 2 },
  { kind: 'leave', round: 5 },
];

/** Each of the three steps that leave a handler with a command in hand. */
export const HANDLER_CRASHES: readonly WriterCrash[] = [
  { writer: 0, at: 'before:execute', arrival: 16, replaced: true },
  { writer: 1, at: 'before:reply', arrival: 4, replaced: true },
  { writer: 2, at: 'before:ack', arrival: 2, replaced: true },
];

/** Nothing compares versions, and a decision takes its time: whoever decides on the same user meanwhile shows. */
export const UNCOMPARED: WriterSettings = { ...CAREFUL, guard: 'blind', deliberationMs: 100 };

export const commandTopic: Scenario = {
  name: 'command-topic',
  paragraph:
    'Commands travel on a topic, keyed by user, and handlers compete for them in a Key_Shared subscription; each reply goes to the topic that its command names. Handlers are scaled from one to three to two under load, and three die: before a command is executed, between its event and its reply, and between reply and acknowledgement. Nothing here compares versions: that the commands of a user are handled one after the other is all that keeps a decision from resting on an old one. The request record, written in the step of the append, keeps a command that comes again from being executed again.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(1, UNCOMPARED, MEETING),
        commandTopic: { subscriptionType: 'key-shared', gatewayCount: 2, moves: MOVES },
        crashes: HANDLER_CRASHES,
      },
    },
    /** Who dies behind its reply may leave nobody waiting, so that death is not counted on. */
    floors: { ...FLOORS, racedCommandCountMin: 24, writerDeathCountMin: 2 },
  },
  expected: VALID,
};
