/** The tests that need real parts: a Pulsar, a Redis. One worker: the parts are shared. */
'use strict';

const quick = require('./jest.config.js');

module.exports = {
  ...quick,
  testMatch: ['<rootDir>/test/real/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/support/real-setup.js',
  globalTeardown: '<rootDir>/test/support/real-teardown.js',
  testTimeout: 120_000,
  maxWorkers: 1,
};
