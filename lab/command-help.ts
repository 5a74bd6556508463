/** `orderlab help`: one command's help, or with --all every command with every option. */
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import type { Terminal } from './terminal';

export function registerHelp(program: Command, terminal: Terminal): void {
  program.helpCommand(false);
  program
    .command('help')
    .description('help on a command; --all: on every command, with every option')
    .argument('[command]', 'the command')
    .option('--all', 'every option, also those that are rarely needed')
    .action((name: string | undefined) => {
      const shown = name === undefined ? subjects(program) : [commandNamed(program, name)];
      terminal.print(shown.map((command) => command.helpInformation()).join('\n'));
    });
}

function subjects(program: Command): readonly Command[] {
  return process.argv.includes('--all') ? [program, ...program.commands] : [program];
}

function commandNamed(program: Command, name: string): Command {
  const command = program.commands.find((other) => other.name() === name);
  if (command === undefined) throw new OrderlabError('USAGE', { problem: `there is no command ${name}` });
  return command;
}
