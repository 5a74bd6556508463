/** Plants a piece of history into another one, at random places, as if both had happened in one run. */
import type { HistoryRecord } from '../../shared/model/history';
import { generatedHistory, type WorldChoice } from './history-generator';
import { historyOfPlanted, type Planted } from './planted';

type Noise = Pick<WorldChoice, 'seed' | 'userCount' | 'eventCount' | 'consumerCount' | 'disturbanceInterval'>;

/** The noise has the topology, strategy and claim of the piece, and does nothing wrong under them. */
export function plantedInNoise(piece: Planted, noise: Noise): readonly HistoryRecord[] {
  const { subscriptionType } = piece.header.topology ?? { subscriptionType: 'key-shared' };
  const nackInterval = piece.onFailure === 'nack' ? 5 : 0;
  const around = [...generatedHistory({ ...noise, subscriptionType, nackInterval, header: piece.header })];
  const inside = historyOfPlanted({ ...piece, edit: (records) => records }, 'invalid');
  const first = halvesOf(around);
  const second = halvesOf(inside);
  const [header, ...work] = second.work;
  const merged = [
    header,
    ...shuffledTogether(first.work.slice(1), work, noise.seed),
    ...second.end,
    ...first.end.slice(1),
  ];
  return piece.edit(restamped(merged.flatMap((record) => (record === undefined ? [] : [record]))));
}

/** The quiescence record begins the second half. */
function halvesOf(records: readonly HistoryRecord[]): {
  readonly work: readonly HistoryRecord[];
  readonly end: readonly HistoryRecord[];
} {
  const still = records.findIndex((record) => record.stream === 'Run' && record.type === 'quiescence');
  return { work: records.slice(0, still), end: records.slice(still) };
}

/** Each keeps its own order. */
function shuffledTogether(
  around: readonly HistoryRecord[],
  inside: readonly HistoryRecord[],
  seed: number,
): readonly HistoryRecord[] {
  const places = inside
    .map((_, index) => (Math.imul(seed + index, 0x9e3779b1) >>> 0) % (around.length + 1))
    .sort((one, other) => one - other);
  const merged: HistoryRecord[] = [];
  let next = 0;
  for (let index = 0; index <= around.length; index += 1) {
    while (next < inside.length && places[next] === index) {
      merged.push(inside[next] as HistoryRecord);
      next += 1;
    }
    if (index < around.length) merged.push(around[index] as HistoryRecord);
  }
  return merged;
}

function restamped(records: readonly HistoryRecord[]): readonly HistoryRecord[] {
  const counters = new Map<string, number>();
  return records.map((record, index) => {
    const n = (counters.get(record.recorder) ?? 0) + 1;
    counters.set(record.recorder, n);
    return { ...record, n, order: index + 1 };
  });
}
