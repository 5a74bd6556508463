/** Live session: two runs at once under one load, for as many pages as look, and again when they are over. */
import { causeText, OrderlabError } from '../../shared/errors';
import { unreachable } from '../../shared/model/invariant';
import type { Clock } from '../../shared/ports';
import { ON_FIRST_CONSUMER } from '../../shared/scenarios/few-users';
import type { ConsumerHand } from '../audience';
import { type LiveChoice, livePlans } from './live-plans';
import { LiveSide } from './live-side';
import type { PageSession } from './page-session';
import type { LiveState, PageCommand, PageConsumer } from './picture/page-state';

export interface LiveSessionOptions {
  readonly choice: LiveChoice;
  /** The seed of the next pair of runs. */
  readonly freshSeed: () => string;
  readonly clock: Clock;
  /** The run folder of a side. */
  readonly folderOf: (side: string, seed: string) => string;
  readonly changed: () => void;
  readonly print: (line: string) => void;
}

/** One pair of runs. */
interface Pair {
  readonly sides: readonly LiveSide[];
  readonly load: { isOver: boolean };
  isOver: boolean;
}

export class LiveSession implements PageSession {
  private readonly stop = { stopping: false };
  private pair: Pair | null = null;
  private performing: Promise<void> = Promise.resolve();
  private failure: { readonly thrown: unknown } | null = null;

  constructor(private readonly options: LiveSessionOptions) {}

  get state(): LiveState {
    const { pair, failure } = this;
    return {
      ...{ mode: 'live', phase: this.phase, consumers: this.consumers },
      sides: pair?.sides.map(({ state }) => state) ?? [],
      failure: failure === null ? null : causeText(failure.thrown),
    };
  }

  /** The first page begins the load, so that nobody misses the beginning. */
  opened(): void {
    if (this.pair === null) this.begin(this.options.choice.seed);
  }

  command(command: PageCommand): void {
    switch (command.command) {
      case 'add':
        this.onBoth((hand) => hand.add());
        break;
      case 'remove':
      case 'kill':
      case 'pause':
      case 'release':
        this.onBoth((hand) => hand[command.command](command.consumer));
        break;
      case 'slow-down':
        this.onBoth((hand) => hand.slowDown(command.consumer));
        break;
      case 'finish':
        this.finish();
        break;
      case 'again':
        this.again();
        break;
      case 'play':
      case 'halt':
      case 'step':
      case 'next-swap':
      case 'rewind':
      case 'faster':
      case 'slower':
        throw new OrderlabError('HAND_REFUSED', { problem: 'this run happens now: only a replay is stepped' });
      default:
        unreachable(command, 'page command');
    }
    this.options.changed();
  }

  /** Nothing more is published; resolves when what is under way has its verdict. Throws what broke a run. */
  async end(): Promise<void> {
    this.stop.stopping = true;
    await this.performing;
    if (this.failure !== null) throw this.failure.thrown;
  }

  private get phase(): LiveState['phase'] {
    if (this.pair === null) return 'waiting';
    if (this.pair.isOver) return 'over';
    return this.pair.load.isOver || this.hands.every(({ isOpen }) => !isOpen) ? 'finishing' : 'running';
  }

  private get hands(): readonly ConsumerHand[] {
    return this.pair?.sides.flatMap(({ hand }) => hand ?? []) ?? [];
  }

  /** Both sides have the same: what was done was done to both. */
  private get consumers(): readonly PageConsumer[] {
    const byName = new Map(
      this.hands.flatMap(({ isOpen, consumers }) => (isOpen ? consumers : [])).map((each) => [each.name, each]),
    );
    return [...byName.values()];
  }

  /** A side whose load is over a moment earlier keeps the other from nothing. */
  private onBoth(act: (hand: ConsumerHand) => void): void {
    const refusals: unknown[] = [];
    for (const hand of this.hands) {
      try {
        act(hand);
      } catch (thrown) {
        if (!(thrown instanceof OrderlabError)) throw thrown;
        refusals.push(thrown);
      }
    }
    if (this.hands.length === 0) throw new OrderlabError('HAND_REFUSED', { problem: 'no run is under way' });
    if (refusals.length === this.hands.length) throw refusals[0];
  }

  private finish(): void {
    if (this.pair === null || this.pair.isOver) {
      throw new OrderlabError('HAND_REFUSED', { problem: 'no run is under way' });
    }
    this.pair.load.isOver = true;
  }

  private again(): void {
    if (this.pair?.isOver !== true || this.stop.stopping) {
      throw new OrderlabError('HAND_REFUSED', { problem: 'the runs before are not over: finish them first' });
    }
    this.begin(this.options.freshSeed());
  }

  private begin(seed: string): void {
    const load = { isOver: false };
    const { clock, changed, folderOf, choice } = this.options;
    const sides = livePlans({ ...choice, seed }).map((plan) => {
      const folderPath = folderOf(plan.topology.subscriptionType, seed);
      return new LiveSide({ plan, clock, folderPath, load, stop: this.stop, user: ON_FIRST_CONSUMER, changed });
    });
    this.pair = { sides, load, isOver: false };
    this.failure = null;
    this.options.print(`seed ${seed}`);
    this.performing = this.perform(this.pair);
    changed();
  }

  /** Where one side breaks the other is brought to its end. */
  private async perform(pair: Pair): Promise<void> {
    const performances = pair.sides.map(async (side) => {
      try {
        this.options.print(await side.perform());
      } catch (thrown) {
        this.failure ??= { thrown };
        pair.load.isOver = true;
      }
    });
    await Promise.all(performances);
    pair.isOver = true;
    this.options.changed();
  }
}
