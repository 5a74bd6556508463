/** The command topic of a run: gateways that clients ask, and handlers that compete for what they were asked. */
import type { CommandGateway } from '../producers/command-gateway';
import type { CommandTopic, WriterCrash } from '../shared/model/write-side';
import type { Broker, Clock } from '../shared/ports';
import type { CommandPort } from '../shared/write-ports';
import { openGateway } from './command-service';
import { type Handler, HandlerCrew, type HandlerLife } from './handler-crew';
import type { HandlerPlace } from './writer-job';

export interface CommandTopicOptions {
  readonly commandTopic: CommandTopic;
  /** Handlers at the beginning. */
  readonly handlerCount: number;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly crashes: readonly WriterCrash[];
  readonly begin: (life: HandlerLife, place: HandlerPlace) => Promise<Handler>;
  readonly onAccepted: () => void;
  readonly onDeath: (writer: string, user: string | null) => void;
}

export interface OpenCommandTopic {
  readonly ports: readonly CommandPort[];
  /** Who is to join or leave in this round does so. */
  meanwhile(round: number): Promise<void>;
  /** Rejects when the commands would wait for ever; never resolves. */
  readonly failed: Promise<never>;
  /** Handlers drain, and gateways wait no longer. */
  close(): Promise<void>;
}

const COMMAND_TOPIC = 'commands';
const HANDLERS = 'handlers';
/** One message ahead: what a handler has in its queue nobody else can execute. */
const RECEIVER_QUEUE_SIZE = 1;

export async function openCommandTopic(options: CommandTopicOptions): Promise<OpenCommandTopic> {
  const { commandTopic, broker, clock, handlerCount, crashes, begin, onDeath } = options;
  const { subscriptionType, gatewayCount, moves } = commandTopic;
  await broker.createTopic(COMMAND_TOPIC, 0);
  await broker.createSubscription(COMMAND_TOPIC, HANDLERS);
  const gateways: CommandGateway[] = [];
  for (let number = 1; number <= gatewayCount; number += 1)
    gateways.push(await openGateway({ broker, clock, commandTopic: COMMAND_TOPIC, name: `g${number}`, life: '1' }));
  const subscribing = { commandTopic: COMMAND_TOPIC, subscription: HANDLERS, subscriptionType };
  const place: HandlerPlace = { ...subscribing, receiverQueueSize: RECEIVER_QUEUE_SIZE };
  const crew = new HandlerCrew({ crashes, onDeath, begin: (life) => begin(life, place) });
  await crew.start(handlerCount + moves.filter(({ kind }) => kind === 'join').length, handlerCount);
  return {
    ports: gateways.map((gateway) => toldOfAcceptance(gateway, options)),
    failed: crew.failed,
    meanwhile: async (round) => {
      for (const { kind } of moves.filter((move) => move.round === round)) await crew.move(kind);
    },
    close: async () => {
      await crew.end();
      await Promise.all(gateways.map((gateway) => gateway.close()));
    },
  };
}

function toldOfAcceptance(gateway: CommandGateway, { onAccepted }: CommandTopicOptions): CommandPort {
  return {
    writer: gateway.writer,
    async submit(request) {
      const receipt = await gateway.submit(request);
      onAccepted();
      return receipt;
    },
  };
}
