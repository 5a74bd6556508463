/**
 * Conversations with the broker, reviewed as prose. ORDERLAB_UPDATE=1 writes the answers of today into the files; read
 * the difference before you commit it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { replayTranscript } from './support/broker-transcript';

const folder = path.join(__dirname, 'transcripts');
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

describe('a conversation with the broker', () => {
  it.each(names)('goes as written: %s', (name) => {
    const file = path.join(folder, name);
    const written = readFileSync(file, 'utf8');
    const today = replayTranscript(written);
    if (process.env.ORDERLAB_UPDATE === '1') writeFileSync(file, today);
    else expect(today).toBe(written);
  });

  it.each(names)('says first what it is for: %s', (name) => {
    const [intent = ''] = readFileSync(path.join(folder, name), 'utf8').split('\n> ');
    expect(intent.split(/\s+/).length).toBeGreaterThan(15);
  });

  it('is found out when an answer is not today’s', () => {
    const [name = ''] = names;
    const written = readFileSync(path.join(folder, name), 'utf8');
    const changed = written.replace(/^ {2}.*$/m, '  something else');
    expect(changed).not.toBe(written);
    expect(replayTranscript(changed)).not.toBe(changed);
  });
});
