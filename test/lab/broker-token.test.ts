/** The token of a broker: where it comes from, where it goes, and that nobody is shown it. */
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brokerToken } from '../../lab/broker-token';
import { orderlab } from '../support/orderlab';
import { temporaryFolder } from '../support/virtual-run';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.x-Y_z';

jest.setTimeout(60_000);

function fileWith(text: string): string {
  const path = join(temporaryFolder(), 'token');
  writeFileSync(path, text);
  return path;
}

describe('the token of a broker', () => {
  it('is what the file holds, read anew each time, else what the variable says, else none', () => {
    const path = fileWith(`${TOKEN}\n`);
    const environment = { ORDERLAB_PULSAR_TOKEN_FILE: path, ORDERLAB_PULSAR_TOKEN: 'other' };
    expect(brokerToken(environment)).toBe(TOKEN);
    writeFileSync(path, 'renewed');
    expect(brokerToken(environment)).toBe('renewed');
    expect(brokerToken({ ORDERLAB_PULSAR_TOKEN: TOKEN })).toBe(TOKEN);
    expect(brokerToken({ ORDERLAB_PULSAR_TOKEN: '', ORDERLAB_PULSAR_TOKEN_FILE: '' })).toBeNull();
  });

  it.each([
    ['empty', ' \n'],
    ['of two words', `Bearer ${TOKEN}`],
    ['of several lines', `${TOKEN}\n${TOKEN}`],
  ])('is refused from a file that is %s, without showing it', (_case, text) => {
    const read = () => brokerToken({ ORDERLAB_PULSAR_TOKEN_FILE: fileWith(text) });
    expect(read).toThrow(expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining(TOKEN) }));
  });

  it('is refused from a file that is not there', () => {
    const read = () => brokerToken({ ORDERLAB_PULSAR_TOKEN_FILE: join(temporaryFolder(), 'nowhere') });
    expect(read).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });

  it.each([
    ['run', ['run', '--scenario', 'competing-consumers']],
    ['repeat', ['repeat', 'competing-consumers', '--runs', '1']],
    ['chaos', ['chaos', '--kills', '1']],
    ['bench real', ['bench', 'real', '--events', '100']],
    ['conformance', ['conformance', '--only', 'exclusive-close', '--against']],
  ])('goes to the broker from the file that %s names, and nowhere else', async (_command, words) => {
    const folder = temporaryFolder();
    const asked: (string | undefined)[] = [];
    const refuse = ({ headers }: IncomingMessage, response: ServerResponse): void => {
      asked.push(headers.authorization);
      response.writeHead(401).end();
    };
    const server = createServer(refuse).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const place = words.at(-1) === '--against' ? [url] : ['--broker', url];
    const { exitCode, stdout, stderr } = await orderlab([...words, ...place, '--token-file', fileWith(TOKEN)], {
      folder,
    });
    server.close();
    expect({ exitCode, asked: new Set(asked) }).toEqual({ exitCode: 3, asked: new Set([`Bearer ${TOKEN}`]) });
    for (const text of [stdout, stderr, ...textsBelow(folder)]) expect(text).not.toContain(TOKEN);
  });
});

function textsBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [readFileSync(path, 'utf8')];
  return readdirSync(path).flatMap((name) => textsBelow(join(path, name)));
}
