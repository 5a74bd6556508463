/** Every law of this release, in the order of the anomaly classes. */
import { ackBeforeEffect } from './ack-before-effect';
import { appendOrder } from './append-order';
import { commandOutcome } from './command-outcome';
import { concurrentOwnership } from './concurrent-ownership';
import { deliveryLoss } from './delivery-loss';
import { deliveryReorder } from './delivery-reorder';
import { derivedOutput } from './derived-output';
import { doubleCreate } from './double-create';
import { dualWrite } from './dual-write';
import { duplicateEffect } from './duplicate-effect';
import { duplicatePublish } from './duplicate-publish';
import { effectGap } from './effect-gap';
import { effectLoss } from './effect-loss';
import { effectReorder } from './effect-reorder';
import { falseConflict } from './false-conflict';
import { fork } from './fork';
import { handlerOverlap } from './handler-overlap';
import type { Law } from './law';
import { lostPublish } from './lost-publish';
import { lostUpdate } from './lost-update';
import { misroute } from './misroute';
import { mixedEntry } from './mixed-entry';
import { notDrained } from './not-drained';
import { partialOverlap } from './partial-overlap';
import { phantomEffect } from './phantom-effect';
import { phantomPublish } from './phantom-publish';
import { poisonedMarker } from './poisoned-marker';
import { producerReorder } from './producer-reorder';
import { readYourWrites } from './read-your-writes';
import { recorderLoss } from './recorder-loss';
import { redelivery } from './redelivery';
import { repeatedMeaning } from './repeated-meaning';
import { staleOverwrite } from './stale-overwrite';
import { stateDivergence } from './state-divergence';
import { unrecordedEffect } from './unrecorded-effect';
import { zombieAppend } from './zombie-append';

/** Fresh laws for one run; the floors are a law of their own (vacuous-run), because they also report figures. */
export function createLaws(): readonly Law[] {
  return [
    fork(),
    lostUpdate(),
    doubleCreate(),
    duplicatePublish(),
    partialOverlap(),
    lostPublish(),
    phantomPublish(),
    producerReorder(),
    misroute(),
    mixedEntry(),
    zombieAppend(),
    dualWrite(),
    falseConflict(),
    commandOutcome(),
    appendOrder(),
    deliveryLoss(),
    deliveryReorder(),
    redelivery(),
    concurrentOwnership(),
    effectLoss(),
    duplicateEffect(),
    repeatedMeaning(),
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
    readYourWrites(),
    recorderLoss(),
    notDrained(),
  ];
}
