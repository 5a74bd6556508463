/** Every law of this release, in the order of the anomaly classes. */
import { ackBeforeEffect } from './ack-before-effect';
import { concurrentOwnership } from './concurrent-ownership';
import { deliveryLoss } from './delivery-loss';
import { deliveryReorder } from './delivery-reorder';
import { derivedOutput } from './derived-output';
import { duplicateEffect } from './duplicate-effect';
import { duplicatePublish } from './duplicate-publish';
import { effectGap } from './effect-gap';
import { effectLoss } from './effect-loss';
import { effectReorder } from './effect-reorder';
import { handlerOverlap } from './handler-overlap';
import type { Law } from './law';
import { lostPublish } from './lost-publish';
import { notDrained } from './not-drained';
import { phantomEffect } from './phantom-effect';
import { poisonedMarker } from './poisoned-marker';
import { producerReorder } from './producer-reorder';
import { recorderLoss } from './recorder-loss';
import { redelivery } from './redelivery';
import { staleOverwrite } from './stale-overwrite';
import { stateDivergence } from './state-divergence';
import { unrecordedEffect } from './unrecorded-effect';

/** Fresh laws for one run; the floors are a law of their own (vacuous-run), because they also report figures. */
export function createLaws(): readonly Law[] {
  return [
    duplicatePublish(),
    lostPublish(),
    producerReorder(),
    deliveryLoss(),
    deliveryReorder(),
    redelivery(),
    concurrentOwnership(),
    effectLoss(),
    duplicateEffect(),
    effectReorder(),
    effectGap(),
    staleOverwrite(),
    phantomEffect(),
    handlerOverlap(),
    poisonedMarker(),
    unrecordedEffect(),
    ackBeforeEffect(),
    stateDivergence(),
    derivedOutput(),
    recorderLoss(),
    notDrained(),
  ];
}
