/**
 * The bearer token of a broker that asks for one: from the environment or from a file, never from a command line, which is
 * shown to everybody on the machine. Consumer processes inherit the environment, so no job has to hold it.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { causeText, OrderlabError } from '../shared/errors';

const FILE_VARIABLE = 'ORDERLAB_PULSAR_TOKEN_FILE';

/**
 * What the file of ORDERLAB_PULSAR_TOKEN_FILE holds, else ORDERLAB_PULSAR_TOKEN; null: neither is set. The file is read anew
 * for each connection, so that a token that was renewed counts. Throws FILE_UNREADABLE, and USAGE for a file without a token.
 */
export function brokerToken(environment: NodeJS.ProcessEnv = process.env): string | null {
  const { [FILE_VARIABLE]: path = '', ORDERLAB_PULSAR_TOKEN: token = '' } = environment;
  if (path !== '') return tokenIn(path);
  return token === '' ? null : token;
}

/** `--token-file`, of a command that speaks to a broker. */
export function withTokenFile(command: Command): Command {
  return command
    .option('--token-file <file>', `holds the token for the broker (also ${FILE_VARIABLE}; or ORDERLAB_PULSAR_TOKEN)`)
    .hook('preAction', (_command, typed) => {
      const { tokenFile } = typed.opts<{ readonly tokenFile?: string }>();
      if (tokenFile !== undefined) process.env[FILE_VARIABLE] = resolve(tokenFile);
    });
}

function tokenIn(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    throw new OrderlabError('FILE_UNREADABLE', { path, cause: causeText(thrown) }, thrown);
  }
  /** It becomes a header. What does not fit into one is said without being shown. */
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new OrderlabError('USAGE', { problem: `${path} holds no token: one word of visible characters is expected` });
}
