/** Random members: consumers that come and go under random names, whose hash ranges are compared after each step. */

import { close, join, type Operation, type Script } from '../../lab/conformance/script';
import type { Random } from '../../shared/ports';

/** Members that come and go under random names; the hash ranges are compared after each of the steps. */
export function randomMembers(random: Random, name: string, stepCount: number): Script {
  const present: string[] = [];
  const operations = Array.from({ length: stepCount }, (_, step): Operation => {
    const leaves = present.length > 0 && (present.length >= 7 || random.below(5) < 2);
    if (leaves) return close(present.splice(random.below(present.length), 1)[0] ?? '');
    const consumer = `m${step}`;
    present.push(consumer);
    return join(consumer, 'key-shared', { consumerName: randomName(random) });
  });
  return { name, intent: 'Members drawn at random.', partitionCount: 0, operations };
}

/** Some names come twice, some are long, some are not of this alphabet. */
function randomName(random: Random): string {
  const length = 1 + random.below(random.below(4) === 0 ? 40 : 3);
  const alphabet = oneOf(random, ['ab', 'abcdefghijklmnopqrstuvwxyz0123456789-_.', 'äßжш中文あ']);
  const letters = Array.from(alphabet);
  return Array.from({ length }, () => letters[random.below(letters.length)] ?? '').join('');
}

function oneOf<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[random.below(items.length)] ?? items[0];
}
