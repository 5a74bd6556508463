/** The random tests of the quick tier with more runs, and those too long for it. test/suites.js says which files. */
'use strict';

const quick = require('./jest.config.js');

module.exports = {
  ...quick,
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/real/'],
  testTimeout: 600_000,
};
