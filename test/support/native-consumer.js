/**
 * The same over Pulsar's own protocol, with the native client.
 * `node native-consumer.js BROKER TOPIC SUBSCRIPTION STORE_PORT sound|careless`
 */
'use strict';

const { Client } = require('pulsar-client');
const { workOn } = require('./line-work');

const [serviceUrl, topic, subscription, port, manner] = process.argv.slice(2);
const work = workOn(port, manner);

process.on('SIGTERM', () => process.exit(0));
run();

async function run() {
  const client = new Client({ serviceUrl, logLevel: 3 });
  const options = { subscriptionType: 'KeyShared', nAckRedeliverTimeoutMs: 100, receiverQueueSize: 100 };
  const consumer = await client.subscribe({ topic, subscription, ...options });
  for (;;) {
    const message = await consumer.receive();
    if ((await work(message.getData())) === 'early') consumer.negativeAcknowledge(message);
    else await consumer.acknowledge(message);
  }
}
