/** A binary min-heap of log positions in a plain array: the smallest first, O(log n), cloneable as data. */

export function pushPosition(heap: number[], position: number): void {
  let index = heap.length;
  heap.push(position);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as number;
    if (above <= position) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = position;
}

/** Removes and returns the smallest position; undefined when there is none. */
export function popPosition(heap: number[]): number | undefined {
  const smallest = heap[0];
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) sinkFromRoot(heap, last);
  return smallest;
}

function sinkFromRoot(heap: number[], position: number): void {
  let index = 0;
  for (;;) {
    const child = smallerChild(heap, index);
    const below = heap[child];
    if (below === undefined || below >= position) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = position;
}

function smallerChild(heap: readonly number[], index: number): number {
  const left = 2 * index + 1;
  const right = heap[left + 1];
  return right !== undefined && right < (heap[left] as number) ? left + 1 : left;
}
