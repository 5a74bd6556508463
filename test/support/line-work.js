/**
 * What consumers that are processes do with an event, on a store behind a socket. `sound` applies a user's next event
 * alone and gives back what comes too early; `careless` adds whatever comes.
 */
'use strict';

const { createConnection } = require('node:net');
const { createInterface } = require('node:readline');

/** Resolves with `early` for an event that has to come again, and with anything else for one that is done. */
exports.workOn = (port, manner) => {
  const waiting = [];
  const store = createConnection(Number(port), '127.0.0.1');
  createInterface({ input: store }).on('line', (line) => waiting.shift()(JSON.parse(line)));
  const ask = (request) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      store.write(`${JSON.stringify(request)}\n`);
    });
  return (bytes) => {
    const { user, sequence, type, data } = JSON.parse(bytes.toString());
    const amount = (data.amount ?? 0) * (type === 'UserDebited' ? -1 : 1);
    return ask({ ask: manner === 'careless' ? 'add' : 'add-next', user, amount, sequence });
  };
};
