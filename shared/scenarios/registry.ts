/** The registry: every scenario by name, each broken twin behind the design that it breaks. */
import { needsOf } from '../model/need';
import type { Scenario } from '../model/scenario';
import { ackAfterWork } from './ack-after-work';
import { ackAfterWorkNaive } from './ack-after-work-naive';
import { brokerKill } from './broker-kill';
import { brokerKillNaive } from './broker-kill-naive';
import { commandTopic } from './command-topic';
import { commandTopicNaive } from './command-topic-naive';
import { competingConsumers } from './competing-consumers';
import { competingConsumersNaive } from './competing-consumers-naive';
import { crashBeforeAckNaive } from './crash-before-ack-naive';
import { dedupIsNotConditional } from './dedup-is-not-conditional';
import { dualWriteNaive } from './dual-write-naive';
import { effectBesideRecordNaive } from './effect-beside-record-naive';
import { expectedVersion } from './expected-version';
import { expectedVersionNaive } from './expected-version-naive';
import { forwardedCommands } from './forwarded-commands';
import { handlerError } from './handler-error';
import { handlerErrorNaive } from './handler-error-naive';
import { killedEverywhere } from './killed-everywhere';
import { killedWriters } from './killed-writers';
import { oneService } from './one-service';
import { oneServiceNaive } from './one-service-naive';
import { outbox } from './outbox';
import { projector } from './projector';
import { projectorNaive } from './projector-naive';
import { prunedRequest } from './pruned-request';
import { prunedRequestNaive } from './pruned-request-naive';
import { publishFirstNaive } from './publish-first-naive';
import { racingCreators } from './racing-creators';
import { racingCreatorsNaive } from './racing-creators-naive';
import { readYourWrites } from './read-your-writes';
import { readYourWritesNaive } from './read-your-writes-naive';
import { recordBesideEffectNaive } from './record-beside-effect-naive';
import { recordWithEffect } from './record-with-effect';
import { redisReplyLost } from './redis-reply-lost';
import { redisReplyLostNaive } from './redis-reply-lost-naive';
import { redisRestart } from './redis-restart';
import { redisRestartNaive } from './redis-restart-naive';
import { relay } from './relay';
import { relayNaive } from './relay-naive';
import { repeatedRequest } from './repeated-request';
import { repeatedRequestNaive } from './repeated-request-naive';
import { rollingRestart } from './rolling-restart';
import { rollingRestartNaive } from './rolling-restart-naive';
import { scaleBothSides } from './scale-both-sides';
import { scaleReadSide } from './scale-read-side';
import { scaleReadSideFailover } from './scale-read-side-failover';
import { scaleReadSideNaive } from './scale-read-side-naive';
import { semanticDuplicate } from './semantic-duplicate';
import { semanticDuplicateConsumer } from './semantic-duplicate-consumer';
import { semanticDuplicateConsumerNaive } from './semantic-duplicate-consumer-naive';
import { semanticDuplicateNaive } from './semantic-duplicate-naive';
import { singleAuthority } from './single-authority';
import { singleAuthorityNaive } from './single-authority-naive';
import { singleWriterManyReaders } from './single-writer-many-readers';
import { storeIncarnation } from './store-incarnation';
import { storeIncarnationNaive } from './store-incarnation-naive';
import { transferResults } from './transfer-results';
import { transferResultsNaive } from './transfer-results-naive';
import { twoContexts } from './two-contexts';
import { twoContextsNaive } from './two-contexts-naive';
import { zombie } from './zombie';
import { zombieNaive } from './zombie-naive';

export const SCENARIOS: readonly Scenario[] = [
  competingConsumers,
  competingConsumersNaive,
  ackAfterWork,
  ackAfterWorkNaive,
  recordWithEffect,
  crashBeforeAckNaive,
  recordBesideEffectNaive,
  effectBesideRecordNaive,
  projector,
  projectorNaive,
  scaleReadSide,
  scaleReadSideFailover,
  scaleReadSideNaive,
  transferResults,
  transferResultsNaive,
  twoContexts,
  twoContextsNaive,
  handlerError,
  handlerErrorNaive,
  redisRestart,
  redisRestartNaive,
  redisReplyLost,
  redisReplyLostNaive,
  racingCreators,
  racingCreatorsNaive,
  dedupIsNotConditional,
  repeatedRequest,
  repeatedRequestNaive,
  prunedRequest,
  prunedRequestNaive,
  relay,
  relayNaive,
  commandTopic,
  commandTopicNaive,
  oneService,
  oneServiceNaive,
  expectedVersion,
  expectedVersionNaive,
  semanticDuplicate,
  semanticDuplicateNaive,
  semanticDuplicateConsumer,
  semanticDuplicateConsumerNaive,
  outbox,
  dualWriteNaive,
  publishFirstNaive,
  readYourWrites,
  readYourWritesNaive,
  scaleBothSides,
  singleWriterManyReaders,
  singleAuthority,
  singleAuthorityNaive,
  forwardedCommands,
  storeIncarnation,
  storeIncarnationNaive,
  killedWriters,
  killedEverywhere,
  rollingRestart,
  rollingRestartNaive,
  zombie,
  zombieNaive,
  brokerKill,
  brokerKillNaive,
];

/** The scenarios that run in every world, the embedded one included. */
export const SCENARIOS_ANYWHERE: readonly Scenario[] = SCENARIOS.filter(
  ({ plan }) => needsOf(plan.faults).length === 0,
);

/** The scenario of that name, or null. */
export function scenarioNamed(name: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
