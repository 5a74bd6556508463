import { readPush } from '../../shared/adapters/pulsar-frame';

const PUSH = { messageId: 'CAgQAA==', payload: 'aGk=' };

describe('a push', () => {
  it('may leave out what is empty', () => {
    expect(readPush(JSON.stringify(PUSH))).toEqual({ ...PUSH, properties: {}, key: '', redeliveryCount: 0 });
  });

  it('is read whole, without what nobody knows', () => {
    const whole = { ...PUSH, properties: { a: 'b' }, key: 'ada', redeliveryCount: 2 };
    expect(readPush(JSON.stringify({ ...whole, publishTime: 'now' }))).toEqual(whole);
  });

  it.each([
    [null],
    [[]],
    [{ ...PUSH, messageId: '' }],
    [{ ...PUSH, messageId: 1 }],
    [{ messageId: PUSH.messageId }],
    [{ ...PUSH, key: null }],
    [{ ...PUSH, redeliveryCount: -1 }],
    [{ ...PUSH, redeliveryCount: '1' }],
    [{ ...PUSH, properties: null }],
    [{ ...PUSH, properties: ['a'] }],
    [{ ...PUSH, properties: { a: 1 } }],
  ])('is not read from %j', (raw) => {
    expect(() => readPush(JSON.stringify(raw))).toThrow(TypeError);
  });

  it('is not read from a text that is no JSON', () => {
    expect(() => readPush('hello')).toThrow(SyntaxError);
  });
});
