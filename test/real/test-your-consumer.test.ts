/**
 * docs/test-your-consumer.md: every snippet is written to a fresh project and every command typed there, in the order of
 * the page. What stands under a command has to be printed, line by line in that order; N stands for a number.
 */

import { FreshProject } from '../support/fresh-project';
import { blocksOf, pageText } from '../support/markdown-page';
import { describeRedis } from '../support/redis-server';

const page = pageText('docs/test-your-consumer.md');

jest.setTimeout(600_000);

interface Act {
  readonly kind: 'write' | 'type';
  /** The file, or the command. */
  readonly name: string;
  readonly text: string;
  /** A word that the consumer's subscription type is replaced by first; empty: it stays as it is written. */
  readonly topology: string;
}

function acts(): readonly Act[] {
  return blocksOf(page).flatMap(({ info, text }): Act[] => {
    const [kind = '', word = ''] = info.split(' ');
    if (kind === 'js') return [{ kind: 'write', name: word, text, topology: '' }];
    if (kind !== 'console') return [];
    const [command = '', ...lines] = text.split('\n');
    return [{ kind: 'type', name: command.replace(/^\$ /, ''), text: lines.join('\n'), topology: word }];
  });
}

/** Each line somewhere behind the one before it. */
function expectLines(output: string, lines: string): void {
  let rest = output;
  for (const line of lines.split('\n')) {
    const pattern = line
      .trim()
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/(?<![A-Z])N(?![A-Z])/g, '\\d+');
    const found = new RegExp(pattern).exec(rest);
    if (found === null) throw new Error(`"${line}" is not printed, or not in its place:\n${output}`);
    rest = rest.slice(found.index + found[0].length);
  }
}

function typed(project: FreshProject, command: string): string {
  const [program = '', ...args] = command.split(/\s+/);
  const { output } = program === 'npx' ? project.run(args[0] ?? '', ...args.slice(1)) : project.run(program, ...args);
  return output;
}

describeRedis('the page that tells how to test a consumer', () => {
  let project: FreshProject;
  beforeAll(() => {
    project = new FreshProject();
    project.install();
  });
  afterAll(() => project.remove());

  it('has snippets and commands', () => {
    expect(acts().filter(({ kind }) => kind === 'write').length).toBeGreaterThanOrEqual(6);
    expect(acts().filter(({ kind }) => kind === 'type').length).toBeGreaterThanOrEqual(5);
  });

  it('shows what happens, in its order', () => {
    for (const { kind, name, text, topology } of acts()) {
      if (kind === 'write') project.write(name, text);
      else {
        if (topology !== '')
          project.write('my-consumer.js', project.read('my-consumer.js').replace("'Shared'", `'${topology}'`));
        expectLines(typed(project, name), text);
      }
    }
  });
});
