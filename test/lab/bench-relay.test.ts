/** The figures of the topics behind the write side, small and on the embedded parts: what they are held to is for real ones. */
import { topicRows } from '../../lab/bench-relay';

it('a relay is measured beside a bare publisher, and a command over a topic beside a direct call', async () => {
  const place = { brokerUrl: 'embedded:', storeUrl: 'embedded:' };
  const [relay, command] = await topicRows({ ...place, callCount: 200, roundCount: 1 });
  expect(Object.keys(relay?.figures ?? {})).toEqual(['ratio', 'relayPerSecond', 'barePerSecond']);
  expect(Object.keys(command?.figures ?? {})).toEqual(['topicP50Ms', 'topicP99Ms', 'directP50Ms', 'directP99Ms']);
  const figures = Object.values({ ...relay?.figures, ...command?.figures });
  expect(figures.filter((figure) => !(figure > 0))).toEqual([]);
});
