/**
 * A consumer in a process of its own, on Pulsar's WebSocket API and a store behind a socket: what a team writes in any
 * language. `node line-consumer.js BROKER TOPIC SUBSCRIPTION STORE_PORT sound|careless`
 */
'use strict';

const { createConnection } = require('node:net');
const { createInterface } = require('node:readline');
const { WebSocket } = require('ws');

const [broker, topic, subscription, port, manner] = process.argv.slice(2);

const waiting = [];
const store = createConnection(Number(port), '127.0.0.1');
createInterface({ input: store }).on('line', (line) => waiting.shift()(JSON.parse(line)));
const ask = (request) =>
  new Promise((resolve) => {
    waiting.push(resolve);
    store.write(`${JSON.stringify(request)}\n`);
  });

const path = topic.replace('://', '/');
const query = 'subscriptionType=Key_Shared&receiverQueueSize=100&negativeAckRedeliveryDelay=100';
const socket = new WebSocket(`${broker}/ws/v2/consumer/${path}/${subscription}?${query}`);
let work = Promise.resolve();
socket.on('message', (text) => {
  work = work.then(() => handle(JSON.parse(String(text))));
});
// Its connection ends when the topic is unloaded under it; whoever runs it starts it again, as a supervisor would.
socket.on('close', () => process.exit(1));
process.on('SIGTERM', () => process.exit(0));

async function handle({ messageId, payload }) {
  const { user, sequence, type, data } = JSON.parse(Buffer.from(payload, 'base64').toString());
  const amount = (data.amount ?? 0) * (type === 'UserDebited' ? -1 : 1);
  if (manner === 'careless') await ask({ ask: 'add', user, amount });
  else if ((await ask({ ask: 'add-next', user, sequence, amount })) === 'early') {
    socket.send(JSON.stringify({ type: 'negativeAcknowledge', messageId }));
    return;
  }
  socket.send(JSON.stringify({ messageId }));
}
