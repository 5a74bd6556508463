/** `orderlab broker fault`: what is done on purpose to a broker that was started with `--faults`. */
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { askFault, type FaultAnswer, readControl } from './broker-server/fault-client';
import { FAULT_DELAY_MS_MAX } from './broker-server/server-limits';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface ControlFlags {
  readonly control: string;
  readonly json?: boolean;
}

interface PatternFlags extends ControlFlags {
  readonly kind?: string;
  readonly name?: string;
  readonly topic?: string;
}

const KINDS = ['producer', 'consumer', 'reader'];

export function registerFaults(broker: Command, terminal: Terminal): void {
  const fault = broker.command('fault').description('do something to a broker that was started with --faults FILE');
  const controlled = (name: string, text: string): Command =>
    fault
      .command(name)
      .exitOverride()
      .description(text)
      .requiredOption('--control <file>', 'the FILE of `broker serve --faults FILE`')
      .option('--json', 'print one JSON object and nothing else');
  const selecting = (command: Command): Command =>
    command
      .option('--kind <kind>', 'producer | consumer | reader (default: all)')
      .option('--name <name>', 'of that name only')
      .option('--topic <topic>', 'tenant/namespace/topic (default: all)');
  selecting(controlled('list', 'print who is connected; nothing is done')).action((flags: PatternFlags) =>
    ask('list', patternOf(flags), flags, terminal),
  );
  selecting(controlled('drop', 'break connections without a goodbye')).action((flags: PatternFlags) =>
    ask('drop', patternOf(flags), flags, terminal),
  );
  controlled('unload', 'serve a topic anew: what is not acknowledged comes again')
    .requiredOption('--topic <topic>', 'tenant/namespace/topic')
    .action((flags: ControlFlags & { readonly topic: string }) =>
      ask('unload', { topic: flags.topic }, flags, terminal),
    );
  controlled('restart', 'break all connections and forget what was in memory; messages stay')
    .option('--lose-acks', 'as kill -9 does: acknowledgements that were not written down yet are lost')
    .action((flags: ControlFlags & { readonly loseAcks?: boolean }) =>
      ask('restart', { losesAcks: flags.loseAcks === true }, flags, terminal),
    );
  controlled('delay', 'hold back everything that goes to clients')
    .requiredOption('--ms <ms>', 'milliseconds, 0 to end it')
    .action((flags: ControlFlags & { readonly ms: string }) =>
      ask('delay', { ms: wholeNumber('--ms', flags.ms, 0, FAULT_DELAY_MS_MAX) }, flags, terminal),
    );
  controlled('refuse', 'let nobody connect any more; who is connected stays')
    .option('--end', 'let everybody connect again')
    .action((flags: ControlFlags & { readonly end?: boolean }) =>
      ask('refuse', { isRefusing: flags.end !== true }, flags, terminal),
    );
}

function patternOf({ kind, name, topic }: PatternFlags) {
  if (kind !== undefined && !KINDS.includes(kind)) {
    throw new OrderlabError('USAGE', { problem: `--kind is one of ${KINDS.join(', ')}, got ${JSON.stringify(kind)}` });
  }
  return { kind: kind ?? null, name: name ?? null, topic: topic ?? null };
}

async function ask(fault: string, body: object, { control, json }: ControlFlags, terminal: Terminal): Promise<void> {
  const answer = await askFault(readControl(control), fault, body);
  if (json === true) terminal.print(JSON.stringify(answer));
  else for (const line of linesOf(fault, answer)) terminal.print(line);
}

function linesOf(fault: string, { droppedCount, connections }: FaultAnswer): readonly string[] {
  if (connections !== undefined) {
    return connections.map(({ kind, name, topic, subscription }) =>
      [kind, name, topic, ...(subscription === null ? [] : [subscription])].join('  '),
    );
  }
  return [droppedCount === undefined ? `${fault}: done` : `${fault}: ${droppedCount} connections broken`];
}
