/**
 * Head auditor: lets the head audit run whenever the store of a run may have gone back in time, and records it.
 *
 * What a store forgot is missed by nobody while its user is quiet, so a run of the reference design has one. It only
 * acts on another generation of the store: a tail that a defect lost is not repaired away before it is judged.
 */
import { auditHeads } from '../consumers/auditor';
import { OrderlabError } from '../shared/errors';
import type { StrategySettings } from '../shared/model/strategy';
import type { Clock, EventLog, Recorder, Store } from '../shared/ports';

/** Looks at the generation this often. */
const POLL_MS = 50;
/** An audit that failed is made again, at the end this many times. */
const ATTEMPT_COUNT_MAX = 100;

export interface HeadAuditorOptions {
  readonly store: Store;
  readonly eventLog: EventLog;
  readonly settings: StrategySettings;
  readonly recorder: Recorder;
  readonly clock: Clock;
}

export class HeadAuditor {
  private auditedGeneration: number;
  private isOver = false;
  private watching: Promise<void> = Promise.resolve();

  constructor(private readonly options: HeadAuditorOptions) {
    this.auditedGeneration = options.store.generation;
  }

  /** Watches until `finish` or `abandon`. */
  start(): void {
    this.watching = this.watch();
  }

  /** Audits the last generation. Call it when nothing is published and nothing strikes any more. */
  async finish(): Promise<void> {
    this.isOver = true;
    await this.watching;
    for (let attempt = 1; !(await this.audit()); attempt += 1) {
      if (attempt === ATTEMPT_COUNT_MAX) throw new OrderlabError('LIMIT_REACHED', limitReached());
      await this.options.clock.sleep(POLL_MS);
    }
  }

  /** The run has failed: nothing is looked at any more. */
  abandon(): void {
    this.isOver = true;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      if (this.options.store.generation !== this.auditedGeneration) await this.audit();
      await this.options.clock.sleep(POLL_MS);
    }
  }

  /** True: the generation in which it began is the one that is there, and every head has been compared. */
  private async audit(): Promise<boolean> {
    const { store, eventLog, settings, recorder } = this.options;
    const { generation } = store;
    try {
      const { userCount, appliedCount: repairedCount } = await auditHeads({ store, eventLog, settings, fix: true });
      recorder.record({ stream: 'Run', type: 'audit', generation, userCount, repairedCount });
    } catch (thrown) {
      if (thrown instanceof OrderlabError) return false;
      throw thrown;
    }
    this.auditedGeneration = generation;
    return store.generation === generation;
  }
}

function limitReached() {
  const limit = { limit: 'ATTEMPT_COUNT_MAX', value: ATTEMPT_COUNT_MAX };
  return { what: 'the head audit of a store that went back in time', ...limit };
}
