/**
 * Auditor: compares, user by user, how far the log goes with how far the read model came, and repairs a lost tail.
 *
 * A hole shows itself as soon as a later event of its user comes. A tail never does: an event that was acknowledged
 * without effect, or that a store forgot when it restarted, is missed by nobody while its user is quiet. Only a
 * comparison of heads finds it. What heads cannot show is a hole below the model's version, which a strategy that
 * applies the next sequence only does not leave.
 */
import type { LoggedEvent } from '../shared/model/action';
import type { EventRef } from '../shared/model/plan';
import type { StrategySettings } from '../shared/model/strategy';
import type { EventLog, Store } from '../shared/ports';
import { applying, REPAIR_EVENT_COUNT_MAX } from './strategies/step-action';
import { openWork } from './strategies/work';

export interface AuditOptions {
  readonly store: Store;
  readonly eventLog: EventLog;
  /** Of the consumers whose model is audited; `owner` is what repaired effects are signed with. */
  readonly settings: StrategySettings;
  /** Apply what is missing. Without it nothing is written. */
  readonly fix: boolean;
  /**
   * User → version: apply only to who still stands there. Two looks with time between them tell who is quiet, so that
   * nobody else will repair it, from who has events on their way to a consumer. Default: apply to everybody.
   */
  readonly onlyStillAt?: ReadonlyMap<string, number>;
}

interface Heads {
  readonly user: string;
  /** The model's version when the audit began; 0: no event was ever applied. */
  readonly version: number;
  /** The highest sequence in the log, read after the versions; 0: the log does not know the user. */
  readonly head: number;
}

/** What is wrong with one user. */
export type HeadFinding =
  /** The model ends before the log, and now at `reached`: a lost tail, or events that consumers have still to apply. */
  | (Heads & { readonly kind: 'behind'; readonly reached: number })
  /** As behind, and the log itself lacks `missing` before its head: nothing can go past that. */
  | (Heads & { readonly kind: 'gap'; readonly reached: number; readonly missing: number })
  /** The model holds what the log lacks: the log lost its end, or is another one. Nothing here is ever written. */
  | (Heads & { readonly kind: 'ahead' });

export interface HeadAudit {
  /** Users of the log, of the model, or of both. */
  readonly userCount: number;
  /** Users out of step, in no particular order. */
  readonly findings: readonly HeadFinding[];
  /** Events that the repair applied. */
  readonly appliedCount: number;
}

/**
 * Versions are read before heads: an event that is published and applied in between makes no model look ahead of its
 * log. One that is published and not yet applied looks behind, so a quiet topic is audited, or the backlog is looked at
 * beside it. Repairing while consumers work is safe: the same guard that holds for them holds here. Memory: a number a
 * user. Errors: what the ports reject with; then the same audit is made again.
 */
export async function auditHeads(options: AuditOptions): Promise<HeadAudit> {
  const versions = await versionsOf(options.store);
  const audit = new Audit(options);
  for await (const { user, sequence: head } of options.eventLog.heads()) {
    await audit.compare({ user, version: versions.get(user) ?? 0, head });
    versions.delete(user);
  }
  for (const [user, version] of versions) await audit.compare({ user, version, head: 0 });
  return audit;
}

/** True when the repair brought the model to where the log was. */
export function isRepaired(finding: HeadFinding): boolean {
  return finding.kind === 'behind' && finding.reached >= finding.head;
}

async function versionsOf(store: Store): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for await (const body of store.dump()) {
    if (body.stream === 'Markers') break;
    if (body.type === 'user') versions.set(body.user, body.version);
  }
  return versions;
}

class Audit implements HeadAudit {
  userCount = 0;
  appliedCount = 0;
  readonly findings: HeadFinding[] = [];

  constructor(private readonly options: AuditOptions) {}

  async compare(heads: Heads): Promise<void> {
    this.userCount += 1;
    if (heads.version > heads.head) this.findings.push({ kind: 'ahead', ...heads });
    if (heads.version < heads.head) this.findings.push(await this.follow(heads));
  }

  /** Goes through what the log holds after the model's version, up to the head or to the first hole. */
  private async follow(heads: Heads): Promise<HeadFinding> {
    const { user, version, head } = heads;
    const { fix, onlyStillAt } = this.options;
    const applies = fix && (onlyStillAt === undefined || onlyStillAt.get(user) === version);
    let reached = version;
    for (let next = version + 1; next <= head; ) {
      const events = await this.readFrom({ user, sequence: next }, head);
      if (events.length === 0) return { kind: 'gap', ...heads, reached, missing: next };
      for (const logged of events) {
        if (applies && !(await this.apply(logged))) return { kind: 'behind', ...heads, reached };
        if (applies) reached = next;
        next += 1;
      }
    }
    return { kind: 'behind', ...heads, reached };
  }

  /** The events that follow each other without a hole, at most as many as a repair reads at a time. */
  private async readFrom({ user, sequence }: EventRef, head: number): Promise<readonly LoggedEvent[]> {
    const toSequence = Math.min(head, sequence + REPAIR_EVENT_COUNT_MAX - 1);
    const events = await this.options.eventLog.read(user, sequence, toSequence);
    return events.filter(({ event }, index) => event.sequence === sequence + index);
  }

  /** False: the model is no longer where the audit found it, and lacks more than this event. */
  private async apply({ event, digest }: LoggedEvent): Promise<boolean> {
    const { store, settings } = this.options;
    const listened = settings.listensTo?.includes(event.type) ?? true;
    const work = openWork({ event, digest, listened, messageId: 'audit' }, settings);
    const { outcome } = await store.execute(applyNext(work).operation);
    if (outcome === 'applied') this.appliedCount += 1;
    return outcome === 'applied' || outcome === 'duplicate';
  }
}

/** As the reference strategy applies: the next sequence or nothing. */
const applyNext = applying('next', 'when-configured');
