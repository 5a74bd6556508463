/** The ring of sticky hashes: who owns which, and who holds messages of which key right now. */
import type { Picture, PictureConsumer, PictureKey } from '../picture/picture';
import { colourOf, element, shape } from './element';
import { arcsOf, type Place, placeAt, RING_SIZE, spread, turnOf } from './ring-geometry';

const KEY_RADIUS = 168;
const LABEL_RADIUS = 194;
/** Each consumer has a track of its own, so that ranges are told apart without colour. */
const TRACK_RADIUS_MAX = 154;
const TRACK_WIDTH = 7;
const TRACK_COUNT_MAX = 8;
/** Between the end of its line and the middle of a label. */
const LABEL_ROOM = 9;
const NODE_RADIUS = 58;
const NODE_SIZE = 21;
const LABEL_GAP = 0.035;

export class Ring {
  readonly root: HTMLElement;
  private readonly tracks = shape('g');
  private readonly moving = shape('g');
  private readonly words = element('p', { class: 'ring-words' });
  /** What the tracks were drawn for. */
  private drawnFor = '';

  constructor() {
    const drawing = shape(
      'svg',
      { viewBox: `0 0 ${RING_SIZE} ${RING_SIZE}`, class: 'ring', 'aria-hidden': 'true' },
      ...[this.tracks, this.moving],
    );
    this.root = element('figure', {}, drawing, element('figcaption', {}, this.words));
  }

  show(picture: Picture): void {
    const working = picture.consumers.filter(({ status }) => status === 'working');
    const isKeyShared = picture.subscriptionType === 'key-shared';
    const ranges = JSON.stringify(working.map(({ name, ranges }) => [name, ranges]));
    if (ranges !== this.drawnFor) this.drawTracks(working, isKeyShared);
    this.drawnFor = ranges;
    const nodes = new Map(
      working.map(({ name }, index) => [name, placeAt(index / working.length, nodeRadius(working))]),
    );
    const keys = [...picture.keys].sort((left, right) => left.hash - right.hash);
    const labelTurns = spread(
      keys.map(({ hash }) => turnOf(hash)),
      LABEL_GAP,
    );
    this.moving.replaceChildren(
      ...keys.flatMap((key) => linesOf(key, nodes)),
      ...keys.map((key, index) => keyMark(key, labelTurns[index] ?? 0)),
      ...working.map((consumer) => nodeOf(consumer, nodes.get(consumer.name))),
    );
    this.words.textContent = wordsOf(picture, isKeyShared);
  }

  private drawTracks(working: readonly PictureConsumer[], isKeyShared: boolean): void {
    const rim = shape('circle', { class: 'rim', cx: '50%', cy: '50%', r: String(KEY_RADIUS) });
    const tracks = working.slice(0, TRACK_COUNT_MAX).map(({ name, ranges }, index) => {
      const radius = TRACK_RADIUS_MAX - index * TRACK_WIDTH;
      return shape('path', { class: `track ${colourOf(name)}`, d: arcsOf(ranges, radius) });
    });
    this.tracks.replaceChildren(rim, ...(isKeyShared ? tracks : []));
  }
}

/** A single consumer stands in the middle. */
function nodeRadius(working: readonly PictureConsumer[]): number {
  return working.length === 1 ? 0 : NODE_RADIUS;
}

function linesOf({ hash, holdings, isDraining }: PictureKey, nodes: ReadonlyMap<string, Place>): readonly Element[] {
  const end = placeAt(turnOf(hash), KEY_RADIUS);
  return holdings.flatMap(({ consumer }) => {
    const node = nodes.get(consumer);
    if (node === undefined) return [];
    const kind = `holding ${colourOf(consumer)}${isDraining ? ' draining' : ''}`;
    return [
      shape('line', { class: kind, x1: String(node.x), y1: String(node.y), x2: String(end.x), y2: String(end.y) }),
    ];
  });
}

function keyMark(key: PictureKey, labelTurn: number): Element {
  const { user, hash, owner, holdings } = key;
  const dot = placeAt(turnOf(hash), KEY_RADIUS);
  const label = placeAt(labelTurn, LABEL_RADIUS);
  const isTorn = holdings.length > 1;
  const colour = holdings[0]?.consumer ?? owner;
  const kind = [
    'key',
    isTorn ? 'torn' : '',
    holdings.length === 0 ? 'idle' : '',
    colour === null ? '' : colourOf(colour),
  ];
  const anchor = label.x > RING_SIZE / 2 + 8 ? 'start' : label.x < RING_SIZE / 2 - 8 ? 'end' : 'middle';
  const held = holdings.map(({ sequences }) => sequences.slice(0, 3).join(',')).join(' | ');
  return shape(
    'g',
    { class: kind.join(' ') },
    leader(dot, placeAt(labelTurn, LABEL_RADIUS - LABEL_ROOM)),
    shape('circle', { cx: String(dot.x), cy: String(dot.y), r: isTorn ? '8' : '6' }),
    shape(
      'text',
      { x: String(label.x), y: String(label.y), 'text-anchor': anchor, 'dominant-baseline': 'middle' },
      shape('tspan', { class: 'key-user' }, user),
      shape('tspan', { class: 'key-held', dx: '4' }, held),
    ),
  );
}

/** From the key to its label, which may have had to move aside. */
function leader(from: Place, to: Place): Element {
  return shape('line', { class: 'leader', x1: String(from.x), y1: String(from.y), x2: String(to.x), y2: String(to.y) });
}

function nodeOf({ name, heldCount }: PictureConsumer, place: Place = placeAt(0, 0)): Element {
  const [x, y] = [String(place.x), String(place.y)];
  return shape(
    'g',
    { class: `node ${colourOf(name)}` },
    shape('circle', { class: 'node-disc', cx: x, cy: y, r: String(NODE_SIZE) }),
    shape('text', { x, y, dy: '-0.1em', 'text-anchor': 'middle', class: 'node-name' }, name),
    shape('text', { x, y, dy: '1.1em', 'text-anchor': 'middle', class: 'node-held' }, `holds ${heldCount}`),
  );
}

/** The same for who does not see the drawing. */
function wordsOf({ keys, consumers }: Picture, isKeyShared: boolean): string {
  const torn = keys.filter(({ holdings }) => holdings.length > 1).map(({ user }) => user);
  const draining = keys.filter(({ isDraining }) => isDraining).map(({ user }) => user);
  const gone = consumers.filter(({ status }) => status !== 'working').map(({ name, status }) => `${name} (${status})`);
  return [
    isKeyShared
      ? 'Each hash belongs to one consumer: its track.'
      : 'No hash belongs to anybody: who has room takes the next message.',
    torn.length > 0 ? `At two consumers at once: ${torn.join(', ')}.` : '',
    draining.length > 0 ? `Draining: ${draining.join(', ')}.` : '',
    gone.length > 0 ? `Gone: ${gone.join(', ')}.` : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
