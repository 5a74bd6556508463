/**
 * Head auditor: lets the head audit run whenever the store of a run may have gone back in time, and records it.
 *
 * What a store forgot is missed by nobody while its user is quiet, so a run of the reference design has one. There it only
 * acts on another generation of the store: a tail that a defect lost is not repaired away before it is judged. A service,
 * which nobody judges, also looks at a low rate.
 */
import { type AuditOptions, auditHeads, type HeadAudit } from '../consumers/auditor';
import { OrderlabError } from '../shared/errors';
import type { StrategySettings } from '../shared/model/strategy';
import type { Clock, EventLog, Recorder, Store } from '../shared/ports';

/** Looks at the generation this often. */
const POLL_MS = 50;
/** Between the two looks of an audit: who is behind at the same version in both has nothing on its way. */
const QUIET_MS = 2_000;
/** At the end an audit that failed is made again this many times. */
const ATTEMPT_COUNT_MAX = 100;

export interface HeadAuditorOptions {
  readonly store: Store;
  readonly eventLog: EventLog;
  readonly settings: StrategySettings;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** Looks also so long after the last look, milliseconds. Default: only at another generation. */
  readonly everyMs?: number | undefined;
  /** Told how many events an audit has applied; default: nobody. */
  readonly onRepair?: (eventCount: number) => void;
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

  /** Compares every head of the last generation. Call it when nothing is on its way and nothing strikes any more. */
  async finish(): Promise<void> {
    this.isOver = true;
    await this.watching;
    const { store, clock } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      const { generation } = store;
      if ((await this.audit({ fix: true })) !== null && store.generation === generation) return;
      if (attempt === ATTEMPT_COUNT_MAX) {
        const what = 'the head audit at the end of a run';
        throw new OrderlabError('LIMIT_REACHED', { what, limit: 'ATTEMPT_COUNT_MAX', value: ATTEMPT_COUNT_MAX });
      }
      await clock.sleep(POLL_MS);
    }
  }

  /** The run has failed: nothing is looked at any more. */
  abandon(): void {
    this.isOver = true;
  }

  private async watch(): Promise<void> {
    const { store, clock, everyMs = Number.POSITIVE_INFINITY } = this.options;
    let lookedAtMs = clock.nowMs();
    while (!this.isOver) {
      if (store.generation !== this.auditedGeneration || clock.nowMs() - lookedAtMs >= everyMs) {
        await this.lookTwice();
        lookedAtMs = clock.nowMs();
      }
      await clock.sleep(POLL_MS);
    }
  }

  /** An audit that fails, or that the end of the run comes before, is made again. */
  private async lookTwice(): Promise<void> {
    const { generation } = this.options.store;
    const first = await this.audit({ fix: false });
    for (let waitedMs = 0; waitedMs < QUIET_MS && !this.isOver; waitedMs += POLL_MS) {
      await this.options.clock.sleep(POLL_MS);
    }
    if (first === null || this.isOver) return;
    const behind = first.findings.filter(({ kind }) => kind === 'behind');
    const onlyStillAt = new Map(behind.map(({ user, version }) => [user, version]));
    if (behind.length === 0 || (await this.audit({ fix: true, onlyStillAt })) !== null) {
      this.auditedGeneration = generation;
    }
  }

  /** null: it failed. */
  private async audit(choice: Pick<AuditOptions, 'fix' | 'onlyStillAt'>): Promise<HeadAudit | null> {
    const { store, eventLog, settings, recorder, onRepair } = this.options;
    const { generation } = store;
    try {
      const audit = await auditHeads({ store, eventLog, settings, ...choice });
      const { userCount, findings, appliedCount: repairedCount } = audit;
      const facts = { generation, userCount, outOfStepCount: findings.length, repairedCount };
      recorder.record({ stream: 'Run', type: 'audit', ...facts });
      if (repairedCount > 0) onRepair?.(repairedCount);
      return audit;
    } catch (thrown) {
      if (thrown instanceof OrderlabError) return null;
      throw thrown;
    }
  }
}
