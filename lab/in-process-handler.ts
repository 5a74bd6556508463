/** A handler of a command topic in this process, with an end of its own. */
import { runCommandHandler } from '../consumers/command-handler';
import type { WriterPoint } from '../shared/model/write-side';
import type { Consumer } from '../shared/ports';
import type { Handler, HandlerLife } from './handler-crew';
import { Life, NEVER } from './life';
import { subscribePatiently } from './patient-subscription';
import { lifecycleOf, StopRequest } from './stop-request';
import type { World } from './world';
import { openUserService, type WriterOptions } from './writer-crew';
import type { HandlerPlace } from './writer-job';

export interface InProcessHandlerOptions extends HandlerLife, HandlerPlace {
  readonly world: World;
  readonly writer: Omit<WriterOptions, 'crash' | 'onDeath'>;
}

export class InProcessHandler implements Handler {
  private readonly life = new Life();
  private readonly stop = new StopRequest();
  private readonly arrivals = new Map<WriterPoint, number>();
  private consumer: Consumer | null = null;
  private finished: Promise<void> = Promise.resolve();
  private noteDeath: () => void = () => {};
  private readonly died: Promise<void>;

  constructor(private readonly options: InProcessHandlerOptions) {
    this.died = new Promise((resolve) => {
      this.noteDeath = resolve;
    });
  }

  async join(): Promise<void> {
    const { world, id, commandTopic: topic, subscription, subscriptionType: type, receiverQueueSize } = this.options;
    const asked = { topic, subscription, type, consumerName: id, receiverQueueSize };
    const consumer = await subscribePatiently(world.broker, asked, world.clock);
    this.consumer = consumer;
    this.finished = this.run(consumer);
    this.finished.catch(this.options.onBroken);
  }

  async leave(): Promise<void> {
    this.stop.ask();
    await Promise.race([this.finished, this.died]);
    if (!this.life.isAlive) return;
    await this.consumer?.close();
    this.life.end();
  }

  private run(consumer: Consumer): Promise<void> {
    const { life, stop } = this;
    const { world, writer, id } = this.options;
    const service = openUserService({ ...writer, crash: null, onDeath: () => {} }, (point) =>
      this.reached(point, null),
    );
    return runCommandHandler({
      consumer: {
        receive: () => life.live(() => consumer.receive()),
        ack: (messageId) => life.live(() => consumer.ack(messageId)),
      },
      openReplies: (topic) => life.live(() => world.broker.createProducer(topic, `${id}-${topic}`)),
      execute: (request) => life.live(() => service.handle(request)),
      reached: (point, user) => this.reached(point, user),
      stop: lifecycleOf(stop),
    });
  }

  private reached(point: WriterPoint, user: string | null): Promise<void> {
    if (!this.life.isAlive) return NEVER;
    const arrival = (this.arrivals.get(point) ?? 0) + 1;
    this.arrivals.set(point, arrival);
    const { crash, onDeath, world } = this.options;
    if (crash === null || crash.at !== point || crash.arrival !== arrival) return Promise.resolve();
    this.life.end();
    this.noteDeath();
    onDeath(user);
    if (this.consumer !== null) world.sever(this.consumer);
    return NEVER;
  }
}
