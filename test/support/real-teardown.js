/** After the real tier: the Pulsar that was started for it ends, and its folder goes. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const STOP_DEADLINE_MS = 30_000;
const POLL_MS = 100;

module.exports = async () => {
  const data = process.env.ORDERLAB_TEST_PULSAR_DATA;
  const instance = path.join(data, 'instance.json');
  if (fs.existsSync(instance)) await end(JSON.parse(fs.readFileSync(instance, 'utf8')).pid);
  fs.rmSync(data, { recursive: true, force: true });
};

/** It was started by this process and is its child, so its id is nobody else's. */
async function end(pid) {
  if (!lives(pid, 'SIGTERM')) return;
  for (let waitedMs = 0; waitedMs < STOP_DEADLINE_MS; waitedMs += POLL_MS) {
    await pause(POLL_MS);
    if (!lives(pid, 0)) return;
  }
  lives(pid, 'SIGKILL');
}

function lives(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
