/** `orderlab doctor`: for each world what is there, what is missing, and the command that gets it. */
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { diagnose, doctorLines, WORLD_NAMES, type WorldReport } from './doctor';
import { EXIT_INFRASTRUCTURE } from './exit-code';
import { examine, machineProbes, type Probes } from './probes';
import type { Terminal } from './terminal';

interface DoctorOptions {
  readonly require?: string;
  readonly json?: true;
}

export function registerDoctor(program: Command, terminal: Terminal, probes: Probes = machineProbes): void {
  program
    .command('doctor')
    .description('tell what this machine has for each world, and the command that gets what is missing')
    .option('--require <worlds>', `exit 3 unless these are ready: ${WORLD_NAMES.join(', ')} (separated by commas)`)
    .option('--json', 'print one JSON object and nothing else')
    .action(async ({ require: required = '', json }: DoctorOptions) => {
      const names = namesIn(required);
      const reports = diagnose(await examine(probes, process.env));
      if (json === true) terminal.print(JSON.stringify({ worlds: reports }));
      else for (const line of doctorLines(reports)) terminal.print(line);
      if (names.some((name) => !isReady(reports, name))) process.exitCode = EXIT_INFRASTRUCTURE;
    });
}

function namesIn(text: string): readonly string[] {
  const names = text.split(',').filter((name) => name !== '');
  const stranger = names.find((name) => !WORLD_NAMES.some((known) => known === name));
  if (stranger === undefined) return names;
  const problem = `--require takes ${WORLD_NAMES.join(', ')}, separated by commas, got ${stranger}`;
  throw new OrderlabError('USAGE', { problem });
}

function isReady(reports: readonly WorldReport[], name: string): boolean {
  return reports.some(({ world, isReady: ready }) => world === name && ready);
}
