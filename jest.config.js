/** What every tier shares. The quick tier is nothing but Node; the others have a file of their own beside this one. */
'use strict';

module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/real/',
    '<rootDir>/test/deep/',
    '<rootDir>/test/examples/',
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.dist-', '<rootDir>/.orderlab/', '<rootDir>/runs/'],
  setupFiles: ['<rootDir>/test/support/seed.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  testTimeout: 20_000,
  maxWorkers: '100%',
};
