/**
 * Painter: the records of a history, one by one, → the picture of the run. Live runs and replays use the same.
 *
 * A run whose consumers live in processes of their own is painted from its folder as any other; only the order of what
 * happened at the same time is as good as its clock.
 */
import type { DelBody, EffBody, HistoryBody } from '../../../shared/model/history';
import { Crowd } from './crowd';
import { Curve } from './curve';
import { Lanes } from './lanes';
import { NOTE_COUNT_MAX, type Note, type Picture, type PictureCounts } from './picture';

const NO_COUNTS: PictureCounts = {
  ...{ published: 0, delivered: 0, redelivered: 0, applied: 0, swapped: 0, repeated: 0, absorbed: 0 },
};

export class Painter {
  private readonly crowd = new Crowd();
  private readonly lanes: Lanes;
  private readonly curve = new Curve();
  private counts = NO_COUNTS;
  private notes: readonly Note[] = [];
  private noteCount = 0;
  private isOver = false;
  private topic = '';
  private head: Pick<Picture, 'subscriptionType' | 'strategy' | 'scenario' | 'seed'> = {
    ...{ subscriptionType: null, strategy: '', scenario: '', seed: '' },
  };

  /** `pinned`: a user whose effects are shown whatever happens; null: none. */
  constructor(pinned: string | null) {
    this.lanes = new Lanes(pinned);
  }

  get picture(): Picture {
    const { lanes } = this.lanes;
    return {
      ...this.head,
      ...{ consumers: this.crowd.consumers, keys: this.crowd.keysOf(lanes.map(({ user }) => user)), lanes },
      ...{ counts: this.counts, curve: this.curve.points, notes: this.notes, isOver: this.isOver },
    };
  }

  get swappedCount(): number {
    return this.counts.swapped;
  }

  /** True when the picture has changed. */
  observe(body: HistoryBody): boolean {
    switch (body.stream) {
      case 'Run':
        return this.run(body);
      case 'Pub':
        return this.published(body);
      case 'Del':
        return this.delivery(body);
      case 'Eff':
        return this.effect(body);
      case 'Cause':
        return this.cause(body);
      case 'Fault':
        return this.fault(body);
      default:
        return false;
    }
  }

  private run(body: Extract<HistoryBody, { stream: 'Run' }>): boolean {
    if (body.type === 'header') {
      const { topology, strategy, scenario, seed, topic } = body;
      this.head = { subscriptionType: topology.subscriptionType, strategy, scenario, seed };
      this.crowd.subscriptionType = topology.subscriptionType;
      this.topic = topic;
      return true;
    }
    if (body.type !== 'quiescence') return false;
    this.isOver = true;
    this.note(
      'end',
      body.state === 'drained' ? 'nothing is left to do' : `it ends ${body.state}: ${body.backlog} left`,
    );
    return true;
  }

  private published(body: Extract<HistoryBody, { stream: 'Pub' }>): boolean {
    if (body.type !== 'return' || body.outcome !== 'ok' || body.topic !== this.topic) return false;
    this.count('published');
    return true;
  }

  private delivery(body: DelBody): boolean {
    const consumer = nameOf(body.consumer);
    switch (body.type) {
      case 'received':
        this.crowd.take(consumer, body.messageId, body.user, body.sequence);
        this.count('delivered');
        /** Not by the count of the message: who dies without a word is no redelivery that Pulsar counts. */
        if (body.sequence !== null && !this.lanes.deliver(body.user, body.sequence)) this.count('redelivered');
        return true;
      case 'ack-confirmed':
      case 'nack-intended':
        this.crowd.settle(consumer, body.messageId);
        return true;
      case 'answered':
        if (body.outcome !== 'duplicate') return false;
        this.count('absorbed');
        return true;
      default:
        return false;
    }
  }

  private effect(body: EffBody): boolean {
    if (body.type === 'rollback') {
      this.lanes.rollBack(body.user, body.heldCount);
      return false;
    }
    if (body.type !== 'effect') {
      this.lanes.restate(body.user);
      return false;
    }
    const consumer = nameOf(body.owner);
    const finding = this.lanes.arrive(body.user, body.sequence, consumer);
    if (finding === null) return false;
    this.crowd.applied(consumer);
    this.count(finding === 'again' ? 'repeated' : 'applied');
    if (finding === 'swapped') this.count('swapped');
    if (finding === 'swapped') this.note('swapped', `${body.user}: ${body.sequence} after a later event (${consumer})`);
    if (finding === 'again') this.note('again', `${body.user}: ${body.sequence} once more (${consumer})`);
    this.curve.add([this.counts.applied, this.counts.swapped]);
    return true;
  }

  private cause({ type, consumer: id }: Extract<HistoryBody, { stream: 'Cause' }>): boolean {
    const name = nameOf(id);
    if (type === 'join') {
      this.crowd.join(name);
      this.note('consumer', `${name} joins`);
      return true;
    }
    const heldCount = this.crowd.go(name, type === 'leave' ? 'left' : 'killed');
    const word = type === 'leave' ? 'leaves' : 'is killed';
    this.note(
      'consumer',
      heldCount === 0 ? `${name} ${word}` : `${name} ${word}; of what it held ${heldCount} come again`,
    );
    return true;
  }

  private fault(body: Extract<HistoryBody, { stream: 'Fault' }>): boolean {
    if (body.type !== 'struck' || ['crash', 'join', 'leave'].includes(body.fault)) return false;
    /** A zombie: the broker takes it for dead and gives to others what it holds. */
    if (body.fault === 'pause' && body.consumer !== null) this.crowd.giveBack(nameOf(body.consumer));
    this.note('fault', body.consumer === null ? body.fault : `${body.fault} of ${nameOf(body.consumer)}`);
    return true;
  }

  private count(name: keyof PictureCounts): void {
    this.counts = { ...this.counts, [name]: this.counts[name] + 1 };
  }

  private note(kind: Note['kind'], text: string): void {
    this.noteCount += 1;
    this.notes = [...this.notes, { number: this.noteCount, kind, text }].slice(-NOTE_COUNT_MAX);
  }
}

/** `c1#2` is the second life of c1. */
function nameOf(id: string): string {
  return id.replace(/#\d+$/, '');
}
