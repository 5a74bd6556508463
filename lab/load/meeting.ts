/**
 * Meeting: how load processes, on one machine or several, agree on a start and bring their results together. They meet
 * on a topic of the broker that they load, so nothing else has to be reachable.
 *
 *   leader  → call   {session}                 who is there?
 *   worker  → here   {session, worker}
 *   leader  → start  {session, workers, load}  to everybody who is on the list
 *   worker  → result {session, worker, report}
 *
 * Messages of earlier sessions may still stand in the topic: every message names its session, so nobody mistakes them.
 */
import { z } from 'zod';
import { OrderlabError } from '../../shared/errors';
import type { Delivery } from '../../shared/model/message';
import type { Broker, Clock, Consumer, Producer } from '../../shared/ports';
import type { LoadReport } from './load-report';
import type { LoadInput } from './load-settings';

const session = z.string().min(1).max(64);
const worker = z.string().min(1).max(64);
const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), session }),
  z.strictObject({ type: z.literal('here'), session, worker }),
  z.strictObject({
    type: z.literal('start'),
    session,
    workers: z.array(worker),
    seed: z.string(),
    load: z.custom<LoadInput>((value) => typeof value === 'object' && value !== null),
  }),
  z.strictObject({
    type: z.literal('result'),
    session,
    worker,
    report: z.custom<LoadReport>((value) => typeof value === 'object' && value !== null),
  }),
]);
export type MeetingMessage = z.infer<typeof messageSchema>;

/** Whoever waits looks at the time this often. */
const POLL_MS = 200;

/** One participant's place at the topic. */
export class Meeting {
  private receiving: Promise<Delivery | null> | null = null;

  private constructor(
    private readonly producer: Producer,
    private readonly consumer: Consumer,
    private readonly clock: Clock,
  ) {}

  /** `name`: unique among all participants of all sessions. */
  static async join(broker: Broker, topic: string, name: string, clock: Clock): Promise<Meeting> {
    await broker.createTopic(topic, 0);
    await broker.createSubscription(topic, name);
    const consumer = await broker.subscribe({
      ...{ topic, subscription: name, type: 'exclusive', consumerName: name, receiverQueueSize: 10 },
    });
    return new Meeting(await broker.createProducer(topic, name), consumer, clock);
  }

  async say(message: MeetingMessage): Promise<void> {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    await this.producer.send({ key: 'meeting', payload, properties: {} });
  }

  /** The next message that `pick` takes; those that it answers null to are nobody's here. Errors: DEADLINE_EXCEEDED. */
  async hear<T>(what: string, deadlineMs: number, pick: (message: MeetingMessage) => T | null): Promise<T> {
    const startedAtMs = this.clock.nowMs();
    for (;;) {
      const delivery = await this.receiveWithin(POLL_MS);
      if (delivery === 'not-yet') {
        if (this.clock.nowMs() - startedAtMs < deadlineMs) continue;
        throw new OrderlabError('DEADLINE_EXCEEDED', { what, deadlineMs });
      }
      if (delivery === null) throw new OrderlabError('PORT_CLOSED', { what: 'the meeting' });
      await this.consumer.ack(delivery.messageId);
      const message = readMessage(delivery.payload);
      const picked = message === null ? null : pick(message);
      if (picked !== null) return picked;
    }
  }

  /** In short pieces: a sleep cannot be called off, and would keep a process that is done. */
  private async receiveWithin(ms: number): Promise<Delivery | null | 'not-yet'> {
    this.receiving ??= this.consumer.receive();
    const delivery = await Promise.race([this.receiving, this.clock.sleep(ms).then(() => 'not-yet' as const)]);
    if (delivery !== 'not-yet') this.receiving = null;
    return delivery;
  }

  async leave(): Promise<void> {
    await this.producer.close();
    await this.consumer.close();
  }
}

/** null: whoever wrote it is no participant. */
function readMessage(payload: Uint8Array): MeetingMessage | null {
  try {
    return messageSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch {
    return null;
  }
}
