/** The command line: arguments → command → exit code. Nobody imports it. */
import { Command, CommanderError } from 'commander';
import { causeText, OrderlabError } from '../shared/errors';
import { registerAudit } from './command-audit';
import { registerBench } from './command-bench';
import { registerBroker } from './command-broker';
import { registerChaos } from './command-chaos';
import { registerCheck } from './command-check';
import { registerConformance } from './command-conformance';
import { registerDemo } from './command-demo';
import { registerDocs } from './command-docs';
import { registerDoctor } from './command-doctor';
import { registerExplain } from './command-explain';
import { registerHelp } from './command-help';
import { registerList } from './command-list';
import { registerLoad } from './command-load';
import { registerProjector } from './command-projector';
import { registerPulsar } from './command-pulsar';
import { registerRepeat } from './command-repeat';
import { registerRun } from './command-run';
import { registerServe } from './command-serve';
import { EXIT_INFRASTRUCTURE, EXIT_USAGE } from './exit-code';
import { installation } from './installation';
import { endInTime } from './process-end';
import { openTerminal } from './terminal';

const terminal = openTerminal();

const program = new Command('orderlab')
  .description(
    "Proves whether competing consumers keep each user's events in order and apply each exactly once in effect.",
  )
  .version(installation.versions.orderlab)
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addHelpText(
    'after',
    '\nStart here: orderlab demo. Every command has --help; orderlab help --all shows every option.',
  );

registerDemo(program, terminal);
registerDocs(program, terminal);
registerRun(program, terminal);
registerLoad(program, terminal);
registerCheck(program, terminal);
registerBench(program, terminal);
registerChaos(program, terminal);
registerConformance(program, terminal);
registerRepeat(program, terminal);
registerExplain(program, terminal);
registerList(program, terminal);
registerAudit(program, terminal);
registerBroker(program, terminal);
registerProjector(program, terminal);
registerPulsar(program, terminal);
registerDoctor(program, terminal);
registerServe(program, terminal);
registerHelp(program, terminal);
for (const command of program.commands) command.exitOverride();

program
  .parseAsync()
  .catch((thrown: unknown) => fail(thrown))
  .finally(() => endInTime(terminal));

/** Every failure is a sentence with a code; our own bugs show their stack. */
function fail(thrown: unknown): void {
  if (thrown instanceof CommanderError) {
    failToRead(thrown);
    return;
  }
  const known = thrown instanceof OrderlabError ? thrown : null;
  const code = known?.code ?? 'INTERNAL';
  process.exitCode = known?.exitCode ?? EXIT_INFRASTRUCTURE;
  printError(code, causeText(thrown));
  terminal.say(`orderlab: ${code}: ${causeText(thrown)}`);
  if (known === null && thrown instanceof Error) terminal.say(thrown.stack ?? '');
}

/** Help and version end like this as well, with exit code 0. The sentence of a mistake stands on the terminal already. */
function failToRead({ exitCode, message }: CommanderError): void {
  process.exitCode = exitCode === 0 ? 0 : EXIT_USAGE;
  if (exitCode !== 0) printError('USAGE', message.replace(/^error: /, ''));
}

/** Who asked for JSON reads standard output only. */
function printError(code: string, message: string): void {
  if (process.argv.includes('--json')) terminal.print(JSON.stringify({ error: { code, message } }));
}
