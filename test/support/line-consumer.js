/**
 * A consumer in a process of its own, on Pulsar's WebSocket API and a store behind a socket: what a team writes in any
 * language. `node line-consumer.js BROKER TOPIC SUBSCRIPTION STORE_PORT sound|careless`
 */
'use strict';

const { WebSocket } = require('ws');
const { workOn } = require('./line-work');

const [broker, topic, subscription, port, manner] = process.argv.slice(2);
const RECONNECT_PAUSE_MS = 20;

const work = workOn(port, manner);
const path = topic.replace('://', '/');
const query = 'subscriptionType=Key_Shared&receiverQueueSize=100&negativeAckRedeliveryDelay=100';
/** One event after the other, also across connections. */
let latest = Promise.resolve();

process.on('SIGTERM', () => process.exit(0));
connect();

function connect() {
  const socket = new WebSocket(`${broker}/ws/v2/consumer/${path}/${subscription}?${query}`);
  const handle = async ({ messageId, payload }) => {
    const answer = await work(Buffer.from(payload, 'base64'));
    const type = answer === 'early' ? { type: 'negativeAcknowledge' } : {};
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ messageId, ...type }));
  };
  socket.on('message', (text) => {
    latest = latest.then(() => handle(JSON.parse(String(text))));
  });
  socket.on('error', () => {});
  socket.on('close', () => setTimeout(connect, RECONNECT_PAUSE_MS));
}
