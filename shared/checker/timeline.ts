/** Timelines: marks drawn as text, a lane per consumer, time from left to right, in bands that fit the width. */
import { type Mark, markText } from './timeline-mark';

/** Characters a line. */
export const TIMELINE_WIDTH_MAX = 100;
/** Bands below each other; what does not fit is left out in the middle, and said. */
export const TIMELINE_BAND_COUNT_MAX = 4;
/** Lane names are cut to this length. */
const LANE_WIDTH_MAX = 14;
const ELISION = '...';

export interface Timeline {
  /** The user's events in the order of the log. */
  readonly log: readonly number[];
  /** The same for the result topic; null without one. */
  readonly results: readonly number[] | null;
  readonly marks: readonly Mark[];
}

export function drawTimeline({ log, results, marks }: Timeline): string {
  const lanes = [...new Set(marks.map(({ lane }) => lane))].sort();
  const labelWidth = Math.min(LANE_WIDTH_MAX, Math.max(7, ...lanes.map((lane) => lane.length))) + 1;
  const room = TIMELINE_WIDTH_MAX - labelWidth;
  const { bands, leftOutCount } = bandsOf(marks, room);
  const sequenceLine = (label: string, sequences: readonly number[]) =>
    label.padEnd(labelWidth) + shortened(sequences, room);
  return [
    sequenceLine('log', log),
    ...bands.flatMap((band) => ['', ...drawBand(band, lanes, labelWidth)]),
    ...(leftOutCount > 0 ? ['', `${leftOutCount} steps in the middle are left out`] : []),
    ...(results === null ? [] : ['', sequenceLine('results', results)]),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Every lane stands in every band, so that a lane without a mark shows idleness. */
function drawBand(band: readonly Mark[], lanes: readonly string[], labelWidth: number): readonly string[] {
  return lanes.map((lane) => {
    const cells = band.map((mark) => {
      const text = markText(mark);
      return mark.lane === lane ? text : ' '.repeat(text.length);
    });
    return lane.slice(0, LANE_WIDTH_MAX).padEnd(labelWidth) + cells.join(' ');
  });
}

function bandsOf(
  marks: readonly Mark[],
  room: number,
): { readonly bands: readonly (readonly Mark[])[]; readonly leftOutCount: number } {
  const bands: Mark[][] = [];
  let width = room + 1;
  for (const mark of marks) {
    const needed = markText(mark).length + 1;
    if (width + needed > room) {
      bands.push([]);
      width = 0;
    }
    bands.at(-1)?.push(mark);
    width += needed;
  }
  if (bands.length <= TIMELINE_BAND_COUNT_MAX) return { bands, leftOutCount: 0 };
  const half = TIMELINE_BAND_COUNT_MAX / 2;
  const leftOut = bands.slice(half, -half);
  return {
    bands: [...bands.slice(0, half), ...bands.slice(-half)],
    leftOutCount: leftOut.reduce((count, band) => count + band.length, 0),
  };
}

function shortened(sequences: readonly number[], room: number): string {
  const texts = sequences.map((sequence) => `#${sequence}`);
  const whole = texts.join(' ');
  if (whole.length <= room) return whole;
  const half = (room - ELISION.length - 2) / 2;
  const head = whole.slice(0, whole.lastIndexOf(' ', half));
  const tail = whole.slice(whole.indexOf(' ', whole.length - half) + 1);
  return `${head} ${ELISION} ${tail}`;
}
