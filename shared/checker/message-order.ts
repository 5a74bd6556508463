/** Message ids `ledger:entry:partition[:batchIndex]`: which of two stands later in one partition's log. */

/**
 * True when `one` surely stands after `other`. False when it stands before, is equal, or the ids have another form:
 * a judge that cannot tell says "not surely".
 */
export function standsAfter(one: string, other: string): boolean {
  const left = placeOf(one);
  const right = placeOf(other);
  if (left === null || right === null) return false;
  for (let part = 0; part < left.length; part += 1) {
    const difference = (left[part] as number) - (right[part] as number);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** Ledger, entry and index in the batch (-1: none), or null when the id has another form. */
function placeOf(messageId: string): readonly number[] | null {
  const [ledger, entry, , batchIndex = '-1'] = messageId.split(':');
  const place = [Number(ledger), Number(entry), Number(batchIndex)];
  return entry !== undefined && place.every((part) => Number.isInteger(part)) ? place : null;
}
