/** Before the real tier: the folder in which its Pulsar lives, should a test need one. Whoever is first starts it. */
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

module.exports = async () => {
  process.env.ORDERLAB_TEST_PULSAR_DATA = fs.mkdtempSync(path.join(os.tmpdir(), 'orderlab-pulsar-'));
};
