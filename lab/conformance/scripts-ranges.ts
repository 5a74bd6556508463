/** Hash ranges: members that come and go, compared with `keyHashRangeArrays` after each step. Nothing is published. */
import { close, join, type Operation, type Script } from './script';

/** `+name` joins, `-name` closes; `+label=name` joins under a name that others may have too. */
function membership(name: string, intent: string, steps: string): Script {
  const operations = steps.split(' ').map((step): Operation => {
    const [consumer = '', consumerName = consumer] = step.slice(1).split('=');
    return step.startsWith('+') ? join(consumer, 'key-shared', { consumerName }) : close(consumer);
  });
  return { name, intent, partitionCount: 0, operations };
}

export const RANGE_SCRIPTS: readonly Script[] = [
  membership(
    'ranges-grow-and-shrink',
    'Five join, some leave and come back.',
    '+c1 +c2 +c3 +c4 +c5 -c2 +c2 -c1 -c3 -c5',
  ),
  membership('ranges-other-order', 'The order of joining decides about collisions.', '+c3 +c2 +c1 -c2 +c2 -c3'),
  membership(
    'ranges-one-name',
    'Consumers of one name are told apart by the smallest free number.',
    '+a=worker +b=worker +c=worker -a +d=worker -b -c',
  ),
  membership('ranges-eight', 'Eight consumers of which the fourth leaves.', '+w0 +w1 +w2 +w3 +w4 +w5 +w6 +w7 -w3'),
  membership('ranges-names', 'Short, long and foreign names.', `+a +${'long-name-'.repeat(20)} +ключ +消费者 +é -a +a`),
  membership('ranges-two-names', 'Two names, each twice.', '+a=x +b=y +c=x +d=y -a -b +e=x'),
  membership('ranges-alone-again', 'Everybody leaves, and the last one owns everything.', '+u +v +w -u -v -w +v +u'),
];
