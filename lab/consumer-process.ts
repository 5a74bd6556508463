/**
 * Consumer process: one life of one consumer in a process of its own, started by a supervisor.
 *
 * It runs the same projector as everywhere. What is its own is only how it meets its fate: it asks, and stands still.
 */
import { observedPorts } from '../consumers/observed-ports';
import type { ConsumerPorts } from '../consumers/performer';
import { startProjector } from '../consumers/projector';
import { STRATEGIES } from '../consumers/strategies/index';
import { openCountingMeter } from '../shared/adapters/counting-meter';
import { type JsonlRecorder, openJsonlRecorder } from '../shared/adapters/jsonl-recorder';
import { openLogIndex } from '../shared/adapters/log-index';
import { machineClock } from '../shared/adapters/system-clock';
import { causeText, OrderlabError } from '../shared/errors';
import { unreachable } from '../shared/model/invariant';
import type { EventRef, Point } from '../shared/model/plan';
import type { Clock, Lifecycle } from '../shared/ports';
import { type ConsumerJob, readConsumerJob } from './consumer-job';
import { settingsOf, UNACKED_COUNT_MAX } from './consumer-settings';
import type { Encounter } from './fate';
import { concernsFate } from './fate-filter';
import { handlerTime, takeTime } from './handler-time';
import { openObservation } from './observation';
import { subscribePatiently } from './patient-subscription';
import { ask, type Notice, type Order } from './process-channel';
import { openProcessLog } from './process-log';
import { StopRequest } from './stop-request';
import { openWorld, type World } from './world';

/** Clients gather acknowledgements for a fraction of a second: a consumer acknowledges no more in that time. */
const LAST_ACKNOWLEDGED_COUNT = 100;

/** Counts reach the supervisor this often. */
const NOTICE_INTERVAL_MS = 20;
/** And what is scraped: more often than a Prometheus asks. */
const METRICS_INTERVAL_MS = 500;

/** Serves until the supervisor asks to drain, kills the process, or goes away itself. */
export async function serveConsumer(): Promise<void> {
  const channel = new SupervisorChannel();
  try {
    await serve(await channel.job, channel);
  } catch (thrown) {
    const code = thrown instanceof OrderlabError ? thrown.code : 'INTERNAL';
    await channel.tell({ type: 'failed', code, message: causeText(thrown) });
    /** What it has in hand would be tried again for ever, and keep it alive when nobody is left to end it. */
    process.exit(1);
  } finally {
    channel.close();
  }
}

async function serve(job: ConsumerJob, channel: SupervisorChannel): Promise<void> {
  const { plan, name, id, topic, subscription, resultTopic, place } = job;
  const clock = machineClock(job.clockOriginMs);
  const recorder = openJsonlRecorder({
    path: job.historyPath,
    recorder: id,
    nextOrder: () => clock.nowMs(),
    writes: 'turn',
  });
  const observation = job.isObserved ? openObservation(plan, clock) : null;
  const world = await openWorld({
    ...{ ...place, clock, audit: plan.audit, journal: null, role: 'guest' },
    onReconnect: (to) => observation?.watcher.heard({ kind: 'reconnected', to }),
  });
  const { subscriptionType: type, receiverQueueSize } = plan.topology;
  const options = { topic, subscription, type, consumerName: name, receiverQueueSize };
  const consumer = await subscribePatiently(world.broker, options, clock);
  const { meter } = channel;
  const ports: ConsumerPorts = {
    ...{ clock, store: world.store, consumer, recorder },
    eventLog: openLogIndex(world.broker, topic),
    lifecycle: lifecycleOf({ job, channel, clock, recorder }),
    results: await resultsOf(world, resultTopic, id),
  };
  const projector = startProjector({
    strategy: STRATEGIES[plan.strategy],
    settings: settingsOf(plan, id),
    context: plan.context,
    ports: observation === null ? ports : observedPorts(ports, observation.watcher.watcherOf(id)),
    meter,
    unackedCountMax: UNACKED_COUNT_MAX,
    witnessesOverlap: plan.audit,
  });
  const notices = setInterval(() => {
    void channel.tell({ type: 'counts', counts: { ...meter.counts }, load: { ...projector.load } });
  }, NOTICE_INTERVAL_MS);
  const tellMetrics = async (): Promise<void> => {
    if (observation === null) return;
    await channel.tell({ type: 'metrics', numbers: observation.numbers(projector.load, world.store.generation) });
  };
  const metrics = setInterval(() => void tellMetrics(), METRICS_INTERVAL_MS);
  const log = openProcessLog(id);
  log.info('subscribed');
  await channel.tell({ type: 'working' });
  await projector.finished;
  log.info({ counts: meter.counts, load: projector.load }, 'drained');
  clearInterval(notices);
  clearInterval(metrics);
  recorder.flush();
  ask({ type: 'leaves' });
  await consumer.close();
  recorder.close();
  await channel.tell({ type: 'counts', counts: { ...meter.counts }, load: { inHandCount: 0, parkedCount: 0 } });
  await tellMetrics();
  await world.close();
}

async function resultsOf(world: World, topic: string | null, producerName: string) {
  return topic === null ? null : { topic, producer: await world.broker.createProducer(topic, producerName) };
}

interface LifecycleParts {
  readonly job: ConsumerJob;
  readonly channel: SupervisorChannel;
  readonly clock: Clock;
  readonly recorder: JsonlRecorder;
}

function lifecycleOf({ job: { plan, id }, channel, clock, recorder }: LifecycleParts): Lifecycle {
  let unacknowledgedCount = 0;
  const acknowledged: EventRef[] = [];
  const { stop } = channel;
  const timeOf = handlerTime(plan);
  return {
    reached: (point: Point, event: EventRef) => {
      if (point === 'after:receive') unacknowledgedCount += 1;
      if (point === 'after:ack' || point === 'after:nack') unacknowledgedCount -= 1;
      if (point === 'after:ack' && acknowledged.push(event) > LAST_ACKNOWLEDGED_COUNT) acknowledged.shift();
      const encounter = { consumer: id, point, event, unacknowledgedCount };
      if (concernsFate(plan, encounter, channel.appliedCount)) {
        /** It may be the last thing that it does. */
        recorder.flush();
        return channel.meet(encounter, acknowledged);
      }
      return point === 'before:handle' ? takeTime(timeOf(event), clock) : 'go';
    },
    get stopping() {
      return stop.asked;
    },
    whenStopping: stop.whenAsked,
  };
}

/** The consumer's end of the channel. */
class SupervisorChannel {
  readonly stop = new StopRequest();
  readonly job: Promise<ConsumerJob>;
  readonly meter = openCountingMeter();
  appliedCount = 0;
  private readonly turns = new Map<number, () => void>();
  private nextQuestionId = 1;
  private give: (job: ConsumerJob) => void = () => {};
  private refuse: (thrown: unknown) => void = () => {};

  constructor() {
    this.job = new Promise((resolve, reject) => {
      this.give = resolve;
      this.refuse = reject;
    });
    process.on('message', (order: Order) => this.obey(order));
    /** Without its supervisor nobody would ever end it. */
    process.on('disconnect', () => process.exit(1));
    process.on('SIGTERM', () => this.stop.ask());
  }

  meet(encounter: Encounter, acknowledged: readonly EventRef[]): 'go' | Promise<'go' | 'fail'> {
    const id = this.nextQuestionId;
    this.nextQuestionId += 1;
    const answer = ask({ type: 'meet', id, encounter, counts: this.meter.counts, acknowledged });
    switch (answer) {
      case 'go':
        return 'go';
      case 'fail':
        return Promise.resolve('fail');
      case 'wait':
        return new Promise((resolve) => this.turns.set(id, () => resolve('go')));
      default:
        return unreachable(answer, 'answer');
    }
  }

  tell(notice: Notice): Promise<void> {
    return new Promise((resolve) => {
      if (process.send === undefined || !process.connected) resolve();
      else process.send(notice, undefined, undefined, () => resolve());
    });
  }

  close(): void {
    process.removeAllListeners('disconnect');
    if (process.connected) process.disconnect();
  }

  private obey(order: Order): void {
    switch (order.type) {
      case 'job':
        try {
          this.give(readConsumerJob(order.job));
        } catch (thrown) {
          this.refuse(thrown);
        }
        return;
      case 'applied':
        this.appliedCount = order.count;
        return;
      case 'turn':
        this.turns.get(order.id)?.();
        return;
      default:
        unreachable(order, 'order');
    }
  }
}
