/** Live side: one of the runs that a live page watches, from its first record to its verdict. */
import { join } from 'node:path';
import type { HistoryRecord } from '../../shared/model/history';
import type { Plan } from '../../shared/model/plan';
import { PULSAR_SPELLING } from '../../shared/model/subscription';
import type { Clock } from '../../shared/ports';
import type { Audience, ConsumerHand } from '../audience';
import { verdictLines } from '../report';
import { run } from '../run';
import type { SideState, SideVerdict } from './picture/page-state';
import { Painter } from './picture/painter';

export interface LiveSideOptions {
  readonly plan: Plan;
  readonly clock: Clock;
  /** Where its run folder is made. */
  readonly folderPath: string;
  /** What both sides share: the load ends for both. */
  readonly load: Audience['load'];
  readonly stop: { readonly stopping: boolean };
  /** The user whose effects are shown whatever happens. */
  readonly user: string;
  readonly changed: () => void;
}

export class LiveSide implements Audience {
  hand: ConsumerHand | null = null;
  private readonly painter: Painter;
  private verdict: SideVerdict | null = null;

  constructor(private readonly options: LiveSideOptions) {
    this.painter = new Painter(options.user);
  }

  get load(): Audience['load'] {
    return this.options.load;
  }

  get state(): SideState {
    return { picture: this.painter.picture, verdict: this.verdict };
  }

  heard(record: HistoryRecord): void {
    if (this.painter.observe(record)) this.options.changed();
  }

  given(hand: ConsumerHand): void {
    this.hand = hand;
  }

  /** Resolves with the verdict in a line. */
  async perform(): Promise<string> {
    const { plan, clock, folderPath, stop, changed } = this.options;
    const { verdict } = await run({
      ...{ plan, clock, folderPath, stop, audience: this, brokerUrl: 'embedded:', storeUrl: 'embedded:' },
      ...{ skipBadLines: false, replay: `orderlab demo --live --seed ${plan.seed}` },
    });
    const shown = join('.', folderPath);
    const next = [`orderlab explain --live ${shown}`, `orderlab explain ${shown}`];
    this.verdict = { status: verdict.status, lines: verdictLines(verdict), next };
    changed();
    return `${PULSAR_SPELLING[plan.topology.subscriptionType]}, ${plan.strategy}: ${verdict.status}; ${shown}`;
  }
}
