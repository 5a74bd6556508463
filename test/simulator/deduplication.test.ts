/** Deduplication as a running broker of 4.2.4 did it (pulsar-semantics 5.2), its traps included. */
import { type EmbeddedBroker, openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { systemClock } from '../../shared/adapters/system-clock';

const DROPPED = /^-1:-1:/;

describe('deduplication', () => {
  let broker: EmbeddedBroker;
  beforeEach(async () => {
    broker = openEmbeddedBroker({ clock: systemClock, deduplicationEnabled: true });
    await broker.createTopic('t', 0);
    await broker.createSubscription('t', 's');
  });
  afterEach(() => broker.close());

  const message = (text: string, key = 'a') => ({ key, payload: new Uint8Array(), properties: { text } });
  const stored = async (topic = 't'): Promise<(string | undefined)[]> => {
    const texts: (string | undefined)[] = [];
    for await (const { properties } of broker.readLog(topic)) texts.push(properties.text);
    return texts;
  };

  it('drops what a producer of the name has stored, and reports it as stored', async () => {
    const producer = await broker.createProducer('t', 'p');
    expect(await producer.send({ ...message('1'), sequenceId: 1 })).toMatch(/^\d/);
    expect(await producer.send({ ...message('1 again'), sequenceId: 1 })).toMatch(DROPPED);
    await producer.close();
    const successor = await broker.createProducer('t', 'p');
    expect(await successor.send({ ...message('1 once more'), sequenceId: 1 })).toMatch(DROPPED);
    expect(await successor.send({ ...message('2'), sequenceId: 2 })).toMatch(/^\d/);
    expect(await stored()).toEqual(['1', '2']);
  });

  it('loses a message whose id comes late, since it compares with the highest one only', async () => {
    const producer = await broker.createProducer('t', 'p');
    await producer.send({ ...message('7'), sequenceId: 7 });
    expect(await producer.send({ ...message('5'), sequenceId: 5 })).toMatch(DROPPED);
    expect(await stored()).toEqual(['7']);
  });

  it('takes the same id under another name, in another partition, and messages without one', async () => {
    await broker.createTopic('wide', 3);
    const [one, other] = [await broker.createProducer('wide', 'p'), await broker.createProducer('wide', 'q')];
    for (const key of ['a', 'b', 'c', 'd', 'e']) await one.send({ ...message(`p ${key}`, key), sequenceId: 1 });
    const ofOne = await stored('wide');
    expect(ofOne.length).toBe(3);
    await other.send({ ...message('q a', 'a'), sequenceId: 1 });
    await one.send(message('no id'));
    await one.send(message('no id'));
    expect((await stored('wide')).length).toBe(ofOne.length + 3);
  });

  it('remembers over an unload and a crash of the broker', async () => {
    const producer = await broker.createProducer('t', 'p');
    await producer.send({ ...message('3'), sequenceId: 3 });
    broker.unload('t');
    expect(await producer.send({ ...message('3'), sequenceId: 3 })).toMatch(DROPPED);
    broker.restart({ losesAcks: true });
    expect(await producer.send({ ...message('2'), sequenceId: 2 })).toMatch(DROPPED);
    expect(await producer.send({ ...message('4'), sequenceId: 4 })).toMatch(/^\d/);
  });

  it('is off unless it is asked for, by the broker or by a topic', async () => {
    const plain = openEmbeddedBroker({ clock: systemClock });
    await plain.createTopic('t', 0);
    const producer = await plain.createProducer('t', 'p');
    await producer.send({ ...message('1'), sequenceId: 1 });
    expect(await producer.send({ ...message('1'), sequenceId: 1 })).toMatch(/^\d/);
    plain.setTopicPolicies('t', { deduplicationEnabled: true });
    expect(await producer.send({ ...message('1'), sequenceId: 1 })).toMatch(DROPPED);
    await plain.close();
  });
});
