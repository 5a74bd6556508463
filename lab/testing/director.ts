/** The director of a run: decides at every step of every consumer whether a fault strikes there. Drawn from the seed. */
import type { Delivery } from '../../shared/model/message';
import type { Random } from '../../shared/ports';
import type { Passage } from './client/host';
import type { FaultRequest, StepName } from './fault';
import type { Subject } from './subject';

/** What a fault needs done. */
export interface Hands {
  /** Dies between two steps; others notice after `meanwhile`; started again then. */
  kill(subject: Subject, step: StepName, delivery: Delivery | null, meanwhile: Meanwhile): void;
  pause(subject: Subject, step: StepName, delivery: Delivery | null, meanwhile: Meanwhile): void;
  join(): void;
  leave(subject: Subject): void;
  restartBroker(): void;
  sleep(ms: number): Promise<void>;
}
type Meanwhile = (() => Promise<unknown>) | null;

/** One fault of the plan and what became of it. */
interface Strike {
  readonly fault: FaultRequest;
  /** Deliveries of the run after which it may strike. */
  readonly afterDeliveries: number;
  /** The step at which it strikes. */
  readonly at: StepName;
  /** Steps that are counted down to the strike, whoever takes them; null: the seed chooses a victim. */
  countLeft: number | null;
  /** Of the writes of a message only the second one and later ones count. */
  readonly betweenWrites: boolean;
  /** Steps of that name that the victim takes before. */
  skipsLeft: number;
  /** Acknowledgements that are waited for it: who writes to a server once a message, or never, has to be struck elsewhere. */
  patienceLeft: number;
  victim: Subject | null;
  /** Steps that others have taken since the victim's last one: it may have run out of work. */
  otherSteps: number;
  hasStruck: boolean;
  /** Of a storm: messages still to be given back. */
  givesLeft: number;
}

/** Faults strike between these shares of the events, in percent: there has to be work before and after them. */
const SHARE_MIN = 10;
const SHARE_MAX = 70;
/** Between two writes is where most consumers have their gap. */
const STEPS_DRAWN: readonly StepName[] = ['receive', 'write', 'write', 'ack'];
/** Enough to fall on each write of a consumer that makes a few of them a message. */
const SKIP_COUNT_MAX = 3;
/**
 * Acknowledgements that the victim makes before the first write of a message counts too, and again before any step does. Not
 * steps: who takes messages in batches receives many before it writes once.
 */
const PATIENCE = 2;
/** A victim that others have left this far behind is no longer waited for. */
const OTHER_STEPS_MAX = 8;
const PER_MILLE = 1000;

export class Director {
  readonly #hands: Hands;
  readonly #random: Random;
  readonly #strikes: readonly Strike[];
  readonly #lossPerMille: number;
  readonly #delivered = new Set<string>();
  /** Messages that came again, or will. */
  readonly #comesAgain = new Set<string>();
  #deliveredCount = 0;
  /** Writes since the latest message was received, or acknowledged where many are received at once. */
  readonly #writeCounts = new Map<Subject, number>();

  constructor(faults: readonly FaultRequest[], eventCount: number, random: Random, hands: Hands) {
    this.#hands = hands;
    this.#random = random;
    this.#strikes = faults.map((fault, index) => strikeOf(fault, eventCount, random.stream('fault', String(index))));
    const shares = faults.map((fault) => (fault.kind === 'redeliver' ? fault.share : 0));
    this.#lossPerMille = Math.round(Math.max(0, ...shares) * PER_MILLE);
  }

  /** Kinds of the faults that met nothing: such a run proves less than it says. */
  get unstruck(): readonly FaultRequest['kind'][] {
    return this.#strikes.filter(({ hasStruck }) => !hasStruck).map(({ fault }) => fault.kind);
  }

  step(subject: Subject, step: StepName, delivery: Delivery | null): void {
    for (const strike of this.#strikes) {
      if (!subject.isAlive) return;
      if (!strike.hasStruck && (strike.countLeft !== null || this.#deliveredCount >= strike.afterDeliveries))
        this.#consider(strike, subject, step, delivery);
    }
    this.#writeCounts.set(subject, step === 'write' ? this.#writeCountOf(subject) + 1 : 0);
  }

  #writeCountOf(subject: Subject): number {
    return this.#writeCounts.get(subject) ?? 0;
  }

  receiving(subject: Subject): Passage<'give-back'> {
    for (const strike of this.#strikes) {
      const { fault } = strike;
      if (strike.victim !== subject) continue;
      if (fault.kind === 'slow') return this.#hands.sleep(fault.delayMs).then(() => (subject.isDead ? 'never' : 'go'));
      if (fault.kind === 'nack-storm' && strike.givesLeft > 0) {
        strike.givesLeft -= 1;
        return 'give-back';
      }
      if (fault.kind === 'leave' && strike.hasStruck) return new Promise(() => {});
    }
    return 'go';
  }

  /**
   * The same messages for the same seed, whoever acknowledges them and when. Not those that came again for another reason:
   * a copy of one could then lie ahead at this consumer while its former holder wakes up and acknowledges it, the broker
   * would hand the user's next events to that one, and two would hold one user by nobody's fault.
   */
  losesAck(delivery: Delivery): boolean {
    if (this.#lossPerMille === 0 || this.#comesAgain.has(delivery.messageId)) return false;
    const isLost = this.#random.stream('lost-ack', delivery.messageId).below(PER_MILLE) < this.#lossPerMille;
    if (isLost) {
      this.#comesAgain.add(delivery.messageId);
      for (const strike of this.#strikes) if (strike.fault.kind === 'redeliver') strike.hasStruck = true;
    }
    return isLost;
  }

  delivered({ messageId }: Delivery): void {
    this.#deliveredCount += 1;
    if (this.#delivered.has(messageId)) this.#comesAgain.add(messageId);
    this.#delivered.add(messageId);
  }

  #consider(strike: Strike, subject: Subject, step: StepName, delivery: Delivery | null): void {
    const { fault } = strike;
    switch (fault.kind) {
      case 'kill':
      case 'pause':
        if (!meets(strike, subject, step, this.#writeCountOf(subject))) return;
        strike.hasStruck = true;
        this.#hands[fault.kind](subject, step, delivery, fault.meanwhile);
        return;
      case 'leave':
        if (step !== 'receive') return;
        strike.hasStruck = true;
        strike.victim = subject;
        this.#hands.leave(subject);
        return;
      case 'join':
        strike.hasStruck = true;
        this.#hands.join();
        return;
      case 'broker-restart':
        strike.hasStruck = true;
        this.#hands.restartBroker();
        return;
      case 'nack-storm':
      case 'slow':
        strike.hasStruck = true;
        strike.victim = subject;
        return;
      case 'redeliver':
        return;
    }
  }
}

/** The first consumer that takes a step is the victim, as long as it goes on. */
function meets(strike: Strike, subject: Subject, step: StepName, writeCount: number): boolean {
  if (strike.countLeft !== null) {
    if (step === strike.at || !isNamed(strike.fault)) strike.countLeft -= 1;
    return strike.countLeft === 0;
  }
  if (strike.victim === null || !strike.victim.isAlive) strike.victim = subject;
  if (strike.victim !== subject) {
    strike.otherSteps += 1;
    if (strike.otherSteps < OTHER_STEPS_MAX) return false;
    strike.victim = subject;
  }
  strike.otherSteps = 0;
  const isImpatient = strike.patienceLeft < 0;
  if (step === strike.at && isImpatient) return true;
  if (step === strike.at && (writeCount > 0 || !strike.betweenWrites)) strike.skipsLeft -= 1;
  else if (step === 'ack') strike.patienceLeft -= 1;
  return strike.skipsLeft < 0 || strike.patienceLeft < -PATIENCE;
}

function strikeOf(fault: FaultRequest, eventCount: number, random: Random): Strike {
  const earliest = Math.floor((eventCount * SHARE_MIN) / 100);
  const latest = Math.max(earliest + 1, Math.floor((eventCount * SHARE_MAX) / 100));
  const at = atOf(fault, random);
  return {
    fault,
    afterDeliveries: fault.kind === 'slow' ? 0 : earliest + random.below(latest - earliest),
    at,
    betweenWrites: at === 'write' && !isNamed(fault),
    countLeft: 'nth' in fault ? fault.nth : null,
    skipsLeft: isNamed(fault) ? 0 : random.below(SKIP_COUNT_MAX),
    patienceLeft: isNamed(fault) ? Number.POSITIVE_INFINITY : PATIENCE,
    victim: null,
    otherSteps: 0,
    hasStruck: false,
    givesLeft: fault.kind === 'nack-storm' ? fault.count : 0,
  };
}

function isNamed(fault: FaultRequest): boolean {
  return 'at' in fault && fault.at !== null;
}

function atOf(fault: FaultRequest, random: Random): StepName {
  const named = 'at' in fault ? fault.at : null;
  return named ?? STEPS_DRAWN[random.below(STEPS_DRAWN.length)] ?? 'write';
}
