/** The drop-in client: the contract that the native client keeps, its types, and what it says where it cannot follow. */
import type * as pulsar from 'pulsar-client';

import dropIn = require('../../lab/testing/client/pulsar-client');

import { type ClientLibrary, describeClient } from '../contract/client-contract';

/** The compiler holds the drop-in to the types of the package. */
const library: ClientLibrary = dropIn;

describeClient('that drops in', () => ({ library, serviceUrl: 'pulsar://localhost:6650' }));

it('exports every name that the package exports, and no other', () => {
  const names: Readonly<Record<Exclude<keyof typeof pulsar, 'ProtobufNativeSchema'>, true>> = {
    ...{ Client: true, Producer: true, Consumer: true, Reader: true, Message: true, MessageId: true, LogLevel: true },
    ...{ CryptoKeyReader: true, AuthenticationTls: true, AuthenticationAthenz: true, AuthenticationToken: true },
    ...{ AuthenticationOauth2: true, AuthenticationBasic: true, AthenzX509Config: true },
  };
  /** Declared as classes, and not there in the package either. */
  const absent = ['Producer', 'Consumer', 'Reader', 'AthenzX509Config'];
  const expected = [...Object.keys(names).filter((name) => !absent.includes(name)), 'ProtobufNativeSchema'];
  expect(Object.keys(dropIn).sort()).toEqual(expected.sort());
});

describe('what it cannot do', () => {
  const client = new dropIn.Client({ serviceUrl: 'pulsar://localhost:6650' });
  const subscription = { topic: 't', subscription: 's' };

  const refused: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['topicsPattern in subscribe', () => client.subscribe({ topicsPattern: 'x', subscription: 's' } as never)],
    ['schema in subscribe', () => client.subscribe({ ...subscription, schema: {} } as never)],
    ['accessMode Exclusive in createProducer', () => client.createProducer({ topic: 't', accessMode: 'Exclusive' })],
    ['messageRouter in createProducer', () => client.createProducer({ topic: 't', messageRouter: () => 0 } as never)],
    ['readCompacted in createReader', () => client.createReader({ topic: 't', readCompacted: true } as never)],
    ['reader.seekTimestamp', () => seekTime()],
    ['deliverAfter in send', () => sendLater()],
  ];

  async function seekTime(): Promise<unknown> {
    const reader = await client.createReader({ topic: 't', startMessageId: dropIn.MessageId.earliest() });
    return reader.seekTimestamp(0);
  }

  async function sendLater(): Promise<unknown> {
    const producer = await client.createProducer({ topic: 't' });
    return producer.send({ data: Buffer.from(''), deliverAfter: 1 } as never);
  }

  it.each(refused)('is refused by name, with the way out: %s', async (call, act) => {
    await expect(act()).rejects.toThrow(new RegExp(`^orderlab/testing/pulsar-client does not support ${call}.*: .+`));
  });

  it('is to be built by hand: a message has nothing in it then', () => {
    expect(() => new dropIn.Message().getData()).toThrow('Message has not been built');
  });

  it('is a client of nowhere', () => {
    expect(() => new dropIn.Client({})).toThrow('Service URL is required and must be specified as a string');
  });
});

it('reports a listener that throws to the log handler', async () => {
  const said: string[] = [];
  dropIn.Client.setLogHandler((_level, _file, _line, message) => said.push(message));
  const client = new dropIn.Client({ serviceUrl: 'pulsar://localhost:6650' });
  const heard = new Promise<void>((resolve) => {
    const listener = async () => {
      resolve();
      throw new Error('on purpose');
    };
    void client.subscribe({ topic: 'listened', subscription: 's', listener });
  });
  const producer = await client.createProducer({ topic: 'listened' });
  await producer.send({ data: Buffer.from('') });
  await heard;
  await new Promise(setImmediate);
  expect(said).toEqual(['Message listener error in processing message: on purpose']);
  await client.close();
});
