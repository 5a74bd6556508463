/** `orderlab audit`: compares how far a topic goes with how far a read model came, user by user, and repairs lost tails. */
import { type Command, Option } from 'commander';
import { auditHeads } from '../consumers/auditor';
import { openLogIndex } from '../shared/adapters/log-index';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import type { UserEventType } from '../shared/model/event';
import { EVENT_DATA } from '../shared/wire';
import { type AuditReport, auditLines, auditReport } from './audit-report';
import { withTokenFile } from './broker-token';
import { settingsOf } from './consumer-settings';
import { EXIT_BY_VERDICT } from './exit-code';
import { TOPIC } from './experiment';
import type { Terminal } from './terminal';
import { openWorld, type World, type WorldOptions } from './world';

type Switch = 'on' | 'off';

interface AuditFlags {
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly namespace: string;
  readonly topic: string;
  readonly keyPrefix: string;
  readonly subscription?: string;
  readonly listensTo?: string;
  readonly idempotencyKeys: Switch;
  readonly journal: Switch;
  readonly fix?: true;
  readonly json?: true;
}

type OpenWorld = (options: WorldOptions) => Promise<World>;

export function registerAudit(program: Command, terminal: Terminal, open: OpenWorld = openWorld): void {
  const needed = (flags: string, text: string) => new Option(flags, text).makeOptionMandatory();
  const onOff = (flags: string, text: string) => new Option(flags, text).choices(['on', 'off']).default('on');
  withTokenFile(program.command('audit'))
    .description('compare the heads of a topic with a read model, user by user, and repair lost tails')
    .addOption(needed('--broker <url>', 'where the events are').env('ORDERLAB_PULSAR_WS'))
    .addOption(needed('--store <url>', 'where the read model is').env('ORDERLAB_REDIS_URL'))
    .addOption(needed('--namespace <tenant/namespace>', 'of the topic'))
    .addOption(needed('--key-prefix <prefix>', 'begins every key of the read model'))
    .option('--topic <topic>', 'the topic that the read model is made from', TOPIC)
    .option('--fix', 'apply what is missing from the log; safe while consumers work')
    .option('--subscription <name>', 'whose backlog tells lost from not consumed yet')
    .option('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker, as http; needed with pulsar://)")
    .option('--listens-to <types>', 'event types that change the model, separated by commas (default: all)')
    .addOption(onOff('--idempotency-keys <on|off>', 'as the consumers: set a SETNX key for what is applied'))
    .addOption(onOff('--journal <on|off>', 'as the consumers: journal every effect (their --audit)'))
    .option('--json', 'print one JSON object and nothing else')
    .action(async (flags: AuditFlags) => {
      const report = await audit(flags, open);
      if (flags.json === true) terminal.print(JSON.stringify(report));
      else for (const line of auditLines(report)) terminal.print(line);
      process.exitCode = report.state === 'out-of-step' ? EXIT_BY_VERDICT.invalid : EXIT_BY_VERDICT.valid;
    });
}

async function audit(flags: AuditFlags, open: OpenWorld): Promise<AuditReport> {
  const { topic, subscription, fix = false } = flags;
  const settings = settingsOf(consumerPlanOf(flags), 'auditor');
  const world = await open(placeOf(flags));
  try {
    const { broker, store } = world;
    const backlog = subscription === undefined ? null : (await broker.stats(topic, subscription)).backlog;
    const found = await auditHeads({ store, eventLog: openLogIndex(broker, topic), settings, fix });
    return auditReport(found, fix, backlog);
  } finally {
    await world.close();
  }
}

/** The corner is somebody's: nothing is made there, and nothing removed. */
function placeOf({ broker, store, admin, namespace, keyPrefix, journal }: AuditFlags): WorldOptions {
  if (broker === 'embedded:' || store === 'embedded:') {
    throw usage(
      'what lives in a process ends with it: audit needs --broker ws://… or pulsar://…, and --store redis://…',
    );
  }
  if (!/^[^/\s]+\/[^/\s]+$/.test(namespace)) throw usage(`--namespace is TENANT/NAMESPACE, got ${namespace}`);
  return {
    ...{ brokerUrl: broker, storeUrl: store, adminUrl: admin ?? null, namespace, keyPrefix, clock: systemClock },
    ...{ audit: journal === 'on', journal: null, role: 'guest' },
  };
}

function consumerPlanOf({ idempotencyKeys, listensTo }: AuditFlags): Parameters<typeof settingsOf>[0] {
  return {
    ...{ idempotencyKeys: idempotencyKeys === 'on', markerTtlMs: null, publishesResult: false, onFailure: 'park' },
    context: {
      listensTo: listensTo === undefined ? null : typesIn(listensTo),
      unlistened: 'advance',
      identity: 'event',
    },
  };
}

function typesIn(text: string): readonly UserEventType[] {
  const names = text.split(',');
  if (names.every(isEventType)) return names;
  throw usage(`--listens-to takes ${Object.keys(EVENT_DATA).join(', ')}, separated by commas, got ${text}`);
}

function isEventType(name: string): name is UserEventType {
  return Object.hasOwn(EVENT_DATA, name);
}

function usage(problem: string): OrderlabError {
  return new OrderlabError('USAGE', { problem });
}
