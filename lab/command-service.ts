/**
 * The command topic of a service: the instance puts what it is asked on the topic, and handles what it is given from there. Of
 * any number of instances, one at a time handles the commands of a user, whichever was asked.
 */
import { randomBytes } from 'node:crypto';
import { REPLY_TOPIC_PREFIX, runCommandHandler } from '../consumers/command-handler';
import { CommandGateway } from '../producers/command-gateway';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { Broker, Clock } from '../shared/ports';
import { subscribePatiently } from './patient-subscription';
import { lifecycleOf, StopRequest } from './stop-request';

export interface CommandServiceOptions {
  /** Names the instance among its like. */
  readonly name: string;
  readonly commandTopic: string;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly execute: (request: CommandRequest) => Promise<CommandReceipt>;
}

/** Subscriptions: of whoever handles commands, and of the one who reads the replies of a topic. */
const HANDLERS = 'handlers';
const GATEWAY = 'gateway';
/** One message ahead: what a handler has in its queue nobody else can execute. */
const RECEIVER_QUEUE_SIZE = 1;
const REPLY_QUEUE_SIZE = 100;
/** Characters of an instance's name in the name of its reply topic. */
const REPLY_TOPIC_LENGTH_MAX = 100;
/** The client hears REPLY_LATE then. Shorter than the time that the API gives a handler of a request. */
const REPLY_DEADLINE_MS = 10_000;

export class CommandService {
  private constructor(
    readonly gateway: CommandGateway,
    private readonly handling: Promise<void>,
    private readonly stop: StopRequest,
  ) {}

  /** Errors: as broker and subscription. */
  static async open(options: CommandServiceOptions): Promise<CommandService> {
    const { broker, commandTopic: topic, name, clock, execute } = options;
    await broker.createTopic(topic, 0);
    await broker.createSubscription(topic, HANDLERS);
    const gateway = await openGateway({ ...options, life: randomBytes(4).toString('hex') });
    const subscribing = { topic, subscription: HANDLERS, type: 'key-shared', consumerName: name } as const;
    const consumer = await subscribePatiently(
      broker,
      { ...subscribing, receiverQueueSize: RECEIVER_QUEUE_SIZE },
      clock,
    );
    const stop = new StopRequest();
    const handling = runCommandHandler({
      ...{ consumer, execute, reached: async () => {}, stop: lifecycleOf(stop) },
      openReplies: (replyTopic) => broker.createProducer(replyTopic, `${name}-${replyTopic}`),
    }).then(() => consumer.close());
    return new CommandService(gateway, handling, stop);
  }

  /** Handles what it has in hand, and waits for no reply any more. */
  async close(): Promise<void> {
    this.stop.ask();
    await this.handling;
    await this.gateway.close();
  }
}

export interface GatewayOptions extends Pick<CommandServiceOptions, 'name' | 'broker' | 'clock' | 'commandTopic'> {
  /** Of all lives of the gateway it alone has this: replies to an earlier one come to the same topic, and answer nobody. */
  readonly life: string;
}

/** With a reply topic of its own, which it makes. Errors: CONSUMER_BUSY when another gateway of the name is there. */
export async function openGateway({
  name,
  life,
  broker,
  clock,
  commandTopic,
}: GatewayOptions): Promise<CommandGateway> {
  const replyTopic = `${REPLY_TOPIC_PREFIX}${name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, REPLY_TOPIC_LENGTH_MAX)}`;
  await broker.createTopic(replyTopic, 0);
  await broker.createSubscription(replyTopic, GATEWAY);
  const subscribing = { topic: replyTopic, subscription: GATEWAY, type: 'exclusive', consumerName: GATEWAY } as const;
  const replies = await subscribePatiently(broker, { ...subscribing, receiverQueueSize: REPLY_QUEUE_SIZE }, clock);
  const commands = await broker.createProducer(commandTopic, `${name}-${life}`);
  return new CommandGateway({
    ...{ gateway: `${name}-${life}`, replyTopic, clock, replyDeadlineMs: REPLY_DEADLINE_MS, replies, commands },
  });
}
