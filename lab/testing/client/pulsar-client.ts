/**
 * `orderlab/testing/pulsar-client`: the API of the native client 1.18 over the embedded broker, in process.
 *
 * `jest.mock('pulsar-client', () => require('orderlab/testing/pulsar-client'))`. What it does not support throws, naming
 * the call and the way out; docs/test-your-consumer.md lists where it differs.
 */
import { Client } from './client';
import { ON_REAL_PULSAR, unsupported } from './failure';
import { Message } from './message';
import { MessageId } from './message-id';

/** Credentials are taken and not looked at: nobody is asked for any here. */
class Authentication {}

/** A number for each level; the package has an object here, not an enum. */
const LogLevel = {
  DEBUG: 0,
  INFO: 1,
  WARN: 2,
  ERROR: 3,
  toString: (level: number) => ['DEBUG', 'INFO', 'WARN', 'ERROR'][level],
};

class CryptoKeyReader {
  constructor() {
    throw unsupported('CryptoKeyReader', ON_REAL_PULSAR);
  }
}

const ProtobufNativeSchema = {
  createRootFromJson(): never {
    throw unsupported('ProtobufNativeSchema', 'send bytes');
  },
  createSchemaInfoFromRoot(): never {
    throw unsupported('ProtobufNativeSchema', 'send bytes');
  },
};

/** As the package exports it: one object, so that a default import and a require find the same. */
export = {
  Client,
  Message,
  MessageId,
  LogLevel,
  CryptoKeyReader,
  ProtobufNativeSchema,
  AuthenticationTls: Authentication,
  AuthenticationAthenz: Authentication,
  AuthenticationToken: Authentication,
  AuthenticationOauth2: Authentication,
  AuthenticationBasic: Authentication,
};
