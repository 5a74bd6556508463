/**
 * What Pulsar's WebSocket API does, told frame by frame without any adapter. Run against a real broker and against the
 * one that the lab serves: whoever writes a client of the one has a client of the other.
 */

import { until } from '../support/until';
import partitionRouting from '../vectors/partition-routing.json';
import { type ApiAddress, ApiBench, numbersOf } from './api-bench';
import { describeCommands, describePullMode, describePushes, describeReader } from './websocket-api-contract-consumers';
import { describeRemovals } from './websocket-api-contract-removals';

export function describeWebSocketApi(name: string, address: () => ApiAddress): void {
  describe(`the WebSocket API ${name}`, () => {
    const bench = new ApiBench(address);
    beforeEach(() => bench.open());
    afterEach(() => bench.close());
    describeHandshakes(bench);
    describeSends(bench);
    describePushes(bench);
    describePullMode(bench);
    describeCommands(bench);
    describeReader(bench);
    describeRemovals(bench);
  });
}

function describeHandshakes(bench: ApiBench): void {
  describe('a handshake', () => {
    it.each([
      ['consumer', 't/s?subscriptionType=KeyShared', 400, /Invalid query params: Invalid subscriptionType KeyShared/],
      ['consumer', 't/s?subscriptionMode=Foo', 400, /Invalid subscriptionMode Foo/],
      ['consumer', 't/s?subscriptionInitialPosition=Foo', 400, /Invalid subscriptionInitialPosition Foo/],
      ['consumer', 't/s?ackTimeoutMillis=999', 400, /Ack timeout should be greater than 1000 ms/],
      ['consumer', 't/s?receiverQueueSize=ten', 400, /For input string: &quot;ten&quot;/],
      ['consumer', 't/s?receiverQueueSize=-1', 400, /receiverQueueSize needs to be &gt;= 0/],
      ['consumer', 't/s?priorityLevel=-1', 400, /priorityLevel needs to be &gt;= 0/],
      ['consumer', 't/s?negativeAckRedeliveryDelay=-1', 400, /redeliveryDelay needs to be &gt;= 0/],
      ['consumer', 't/s?maxRedeliverCount=0', 400, /MaxRedeliverCount must be &gt; 0/],
      ['consumer', 't/s?deadLetterTopic=foo', 400, /MaxRedeliverCount must be &gt; 0/],
      ['consumer', 't', 400, /Invalid topic name format/],
      ['consumer', 't/', 400, /Empty subscription name/],
      ['consumer', 't/s/x', 400, /Invalid topic name format/],
      ['producer', 't?hashingScheme=Foo', 400, /No enum constant org.apache.pulsar.client.api.HashingScheme.Foo/],
      ['producer', 't?messageRoutingMode=Foo', 400, /Invalid messageRoutingMode Foo/],
      ['producer', 't?sendTimeoutMillis=-1', 400, /sendTimeout needs to be &gt;= 0/],
      ['producer', 't?compressionType=Foo', 400, /Invalid compressionType Foo/],
      ['producer', 't?sendTimeoutMillis=Foo', 400, /For input string: &quot;Foo&quot;/],
      ['reader', 't?messageId=AAAA', 400, /Invalid messageId value/],
      ['other', 't', 404, /Not Found/],
    ])('is refused when it asks for what is not there: %s %s', async (kind, rest, status, reason) => {
      const shaken = await bench.shake(kind, rest);
      expect(shaken).toMatchObject({ status, page: expect.stringMatching(reason) });
    });

    it('is refused when the namespace is not there', async () => {
      const { namespace } = bench;
      bench.namespace = 'public/nowhere';
      const shaken = await bench.shake('consumer', 't/s');
      bench.namespace = namespace;
      expect(shaken).toMatchObject({ status: 404, page: expect.stringContaining('Namespace not found') });
    });

    it('of a second Exclusive consumer is refused with 409, and so is another type', async () => {
      await bench.connect('consumer', 't/s');
      const second = await bench.shake('consumer', 't/s');
      expect(second).toMatchObject({
        status: 409,
        page: expect.stringContaining('&quot;errorMsg&quot;:&quot;Exclusive consumer is already connected&quot;'),
      });
      const other = await bench.shake('consumer', 't/s?subscriptionType=Shared');
      expect(other).toMatchObject({ status: 409, page: expect.stringContaining('Subscription is of different type') });
    });

    it('of a second producer of one name is refused with 409, until the first is gone', async () => {
      const first = await bench.connect('producer', 't?producerName=p');
      const second = await bench.shake('producer', 't?producerName=p');
      const sentence = 'Producer with name &apos;p&apos; is already connected to topic';
      expect(second).toMatchObject({ status: 409, page: expect.stringContaining(sentence) });
      await first.end();
      await until('the name is free', async () => (await bench.shake('producer', 't?producerName=p')).status === 101);
    });

    it('with a queue of 0 on a partitioned topic is refused with 500', async () => {
      await bench.admin('PUT', `/persistent/${bench.namespace}/p/partitions`, 2);
      await bench.admin('PUT', `/persistent/${bench.namespace}/p/subscription/s`, 'earliest');
      const shaken = await bench.shake('consumer', 'p/s?receiverQueueSize=0');
      expect(shaken).toMatchObject({ status: 500, page: expect.stringContaining('Receiver queue size needs to be') });
    });

    it('makes topic and subscription where the namespace allows it; the subscription begins at the latest', async () => {
      await bench.publish(2, 'made');
      const late = await bench.connect('consumer', 'made/late');
      const early = await bench.connect('consumer', 'made/early?subscriptionInitialPosition=Earliest');
      await bench.publish(1, 'made');
      expect(numbersOf(await early.pushes(3))).toEqual([0, 1, 0]);
      expect(numbersOf(await late.pushes(1))).toEqual([0]);
    });

    it('makes nothing where the namespace forbids it', async () => {
      const { namespace } = bench;
      bench.namespace = `${namespace}-closed`;
      await bench.admin('PUT', `/namespaces/${bench.namespace}`, {
        autoTopicCreationOverride: { allowAutoTopicCreation: false },
        autoSubscriptionCreationOverride: { allowAutoSubscriptionCreation: false },
      });
      await bench.admin('PUT', `/persistent/${bench.namespace}/t`);
      const refused = [
        await bench.shake('producer', 'none'),
        await bench.shake('consumer', 'none/s'),
        await bench.shake('reader', 'none'),
        await bench.shake('consumer', 't/none'),
      ];
      await bench.admin('DELETE', `/namespaces/${bench.namespace}?force=true`);
      bench.namespace = namespace;
      expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 500]);
    });
  });
}

function describeSends(bench: ApiBench): void {
  describe('a send', () => {
    it('is answered with its id and context, and pushed as it was sent', async () => {
      const producer = await bench.connect('producer', 't');
      const eventTime = '2026-01-02T03:04:05.678Z';
      producer.send({ payload: 'aGk=', properties: { x: 'y' }, key: 'a', context: '1', eventTime, unknown: [1] });
      const [receipt] = await producer.take(1);
      expect(receipt).toEqual({
        ...{ result: 'ok', messageId: expect.any(String), context: '1', errorCode: 0, schemaVersion: 0 },
      });
      const consumer = await bench.connect('consumer', 't/s');
      expect(await consumer.pushes(1)).toEqual([
        {
          ...{ messageId: receipt?.messageId, payload: 'aGk=', properties: { x: 'y' }, key: 'a', eventTime },
          ...{ publishTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+(\.\d{1,3})?Z$/), redeliveryCount: 0 },
        },
      ]);
    });

    it('without a key differs from one with an empty key, and numbers are taken as texts', async () => {
      const producer = await bench.connect('producer', 't');
      producer.send({ payload: '', context: 5 });
      producer.send({ payload: 'aGk', key: '', properties: { a: 1 } });
      producer.send({ payload: 'aGk=', key: 7 });
      expect((await producer.take(3)).map(({ context }) => context)).toEqual(['5', undefined, undefined]);
      const consumer = await bench.connect('consumer', 't/s');
      const pushes = await consumer.pushes(3);
      expect(pushes.map(({ key }) => key)).toEqual([undefined, '', '7']);
      expect(pushes.map(({ payload, properties }) => [payload, properties])).toEqual([
        ['', {}],
        ['aGk=', { a: '1' }],
        ['aGk=', {}],
      ]);
    });

    it.each([
      ['nojson', 'send-error:3', undefined],
      ['[]', 'send-error:3', undefined],
      ['5', 'send-error:3', undefined],
      ['{"payload":"aGk=","context":"c","properties":"x"}', 'send-error:3', undefined],
      ['null', 'send-error:7', undefined],
      ['{"context":"c"}', 'send-error:7', 'c'],
      ['{"payload":"***","context":"c"}', 'send-error:7', 'c'],
      ['{"payload":5,"context":"c"}', 'send-error:7', 'c'],
      ['{"payload":"aGk=","context":"c","eventTime":5}', 'send-error:7', 'c'],
    ])('that is none is refused, and the socket stays open: %s', async (text, result, context) => {
      const producer = await bench.connect('producer', 't');
      producer.sendText(text);
      producer.sendText(Buffer.from('bytes are not looked at'));
      const [refusal] = await producer.take(1);
      expect(refusal).toMatchObject({ result, errorCode: 0 });
      expect(refusal?.context).toBe(context);
      producer.send({ payload: 'aGk=' });
      expect((await producer.take(2)).map((each) => each.result)).toEqual([result, 'ok']);
    });

    it('that is too large closes the socket with 1009', async () => {
      const producer = await bench.connect('producer', 't');
      producer.sendText('x'.repeat(1024 * 1024 + 1));
      await until('it is closed', () => producer.closed !== null);
      expect(producer.closed?.code).toBe(1009);
    });

    it('goes to the partition of its key by the hash that was asked for, without a key to one partition', async () => {
      await bench.admin('PUT', `/persistent/${bench.namespace}/p/partitions`, 4);
      const partitionsOf = async (query: string, keys: readonly (string | undefined)[]) => {
        const producer = await bench.connect('producer', `p${query}`);
        for (const [index, key] of keys.entries()) producer.send({ payload: 'aGk=', key, context: String(index) });
        const receipts = [...(await producer.take(keys.length))];
        return receipts
          .sort((left, right) => Number(left.context) - Number(right.context))
          .map(({ messageId }) => Buffer.from(messageId ?? '', 'base64').at(-3));
      };
      const at = partitionRouting.partitions.indexOf(4);
      const { vectors } = partitionRouting;
      const keys = vectors.map(({ key }) => key);
      expect(await partitionsOf('', keys)).toEqual(vectors.map(({ java }) => java[at]));
      expect(await partitionsOf('?hashingScheme=Murmur3_32Hash', keys)).toEqual(
        vectors.map(({ murmur }) => murmur[at]),
      );
      const unkeyed = [undefined, undefined, undefined, undefined];
      expect(new Set(await partitionsOf('', unkeyed)).size).toBe(1);
      const round = await partitionsOf('?messageRoutingMode=RoundRobinPartition', unkeyed);
      expect(new Set(round)).toEqual(new Set([0, 1, 2, 3]));
    });
  });
}
