/** Reference page: everything that a registry knows, as sections of Markdown. */
import { STRATEGIES } from '../consumers/strategies/index';
import { SIGNS } from '../shared/checker/timeline-mark';
import { ERRORS } from '../shared/errors';
import { ANOMALY_CLASSES, IMPLIES } from '../shared/model/anomaly';
import { unreachable } from '../shared/model/invariant';
import { METRICS, PROCESS_LABELS } from '../shared/model/metric';
import { needsOf } from '../shared/model/need';
import type { Fault, Workload } from '../shared/model/plan';
import type { Expectation, Scenario } from '../shared/model/scenario';
import { KEY_USE, STRATEGY_NAMES } from '../shared/model/strategy';
import { PULSAR_SPELLING } from '../shared/model/subscription';
import { SCENARIOS } from '../shared/scenarios/registry';
import { POINT_MEANINGS } from './crash-points';
import { EXIT_BY_VERDICT, EXIT_INFRASTRUCTURE, EXIT_INTERRUPTED, EXIT_USAGE } from './exit-code';
import { NAMED_LIMITS } from './limits';
import { code, codes, table } from './markdown';
import { standingsSection } from './standings-page';
import { NEED_OPTIONS } from './world-needs';

/** In the order in which a reader meets them. */
export function referenceSections(): readonly string[] {
  return [
    ...exitCodesSection(),
    ...scenariosSection(),
    ...strategiesSection(),
    ...anomaliesSection(),
    ...standingsSection(),
    ...errorsSection(),
    ...limitsSection(),
    ...metricsSection(),
    ...pointsSection(),
    ...signsSection(),
  ];
}

function exitCodesSection(): readonly string[] {
  const { valid, invalid, unknown } = EXIT_BY_VERDICT;
  const rows: readonly (readonly [number, string])[] = [
    [valid, 'the verdict is valid; with `--expect`: it is what the scenario states'],
    [invalid, 'the verdict is invalid; with `--expect`: it is not what the scenario states'],
    [unknown, 'the verdict is unknown'],
    [EXIT_INFRASTRUCTURE, 'the world failed: a file, a server, a deadline; or orderlab itself'],
    [EXIT_USAGE, 'the command line is wrong'],
    [EXIT_INTERRUPTED, 'a second Ctrl-C ended it at once'],
  ];
  return [
    '## Exit codes',
    table(
      ['code', 'meaning'],
      rows.map(([exit, meaning]) => [String(exit), meaning]),
    ),
  ];
}

function scenariosSection(): readonly string[] {
  return ['## Scenarios', ...SCENARIOS.flatMap(scenarioPart)];
}

function scenarioPart({ name, paragraph, plan, expected }: Scenario): readonly string[] {
  const { subscriptionType, consumerCount, partitionCount } = plan.topology;
  const topic = partitionCount === 0 ? 'a plain topic' : `${partitionCount} partitions`;
  const consumers = `${consumerCount} consumer${consumerCount === 1 ? '' : 's'} at the start`;
  const faults = plan.faults.length === 0 ? 'none' : plan.faults.map(faultText).join(', ');
  return [
    `### \`${name}\``,
    paragraph,
    [
      `- Runs: ${PULSAR_SPELLING[subscriptionType]}, ${consumers}, ${topic}; strategy ${code(plan.strategy)}; claim ${code(plan.claim)}; ${workloadText(plan.workload)}; faults: ${faults}.`,
      `- Expected: ${expectationText(expected)}.`,
      ...needsLines(plan.faults),
    ].join('\n'),
  ];
}

/** Of a scenario that runs in every world nothing is said. */
function needsLines(faults: readonly Fault[]): readonly string[] {
  return needsOf(faults).map((need) => `- Needs: ${code(NEED_OPTIONS[need])}.`);
}

function workloadText(workload: Workload): string {
  switch (workload.kind) {
    case 'trace':
      return `the recorded stream ${code(workload.trace)}`;
    case 'synthetic':
      return `${workload.events} drawn events of ${workload.users} users, ${code(workload.skew)}`;
    case 'commands': {
      const { writerCount, rounds } = workload.writeSide;
      return `${rounds.flat().length} commands at ${writerCount} writers`;
    }
    case 'listed':
      return `${workload.events.length} listed events`;
    default:
      return unreachable(workload, 'workload');
  }
}

function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'crash':
      return `crash at ${code(fault.at)}`;
    case 'join':
    case 'leave':
      return fault.kind;
    case 'restart':
      return 'restart of a consumer';
    case 'pause':
      return `pause at ${code(fault.at)} of ${fault.event.user} #${fault.event.sequence}`;
    case 'unload':
      return 'unload of the topic';
    case 'broker-restart':
      return 'restart of the broker';
    case 'broker-kill':
      return 'kill of the broker';
    case 'handler-error':
      return `the handler of ${fault.event.user} #${fault.event.sequence} fails ${fault.times} times`;
    case 'store-restart':
      return `the store is killed and starts again from ${shareText(fault.keptShare)} of its log (${fault.appendFsync})`;
    case 'store-reply-lost':
      return `${fault.times} replies ${code(fault.outcome)} of the store are lost`;
    default:
      return unreachable(fault, 'fault');
  }
}

function shareText(share: number): string {
  if (share === 0) return 'nothing';
  return share === 1 ? 'all' : `${share * 100} %`;
}

function expectationText({ status, roots, anyOf, also, absent, resultTopic }: Expectation): string {
  const beside = also.filter((id) => !anyOf.flat().includes(id));
  return [
    status,
    ...(roots.length > 0 ? [`with ${roots.length === 1 ? 'the root' : 'the roots'} ${roots.join(', ')}`] : []),
    ...anyOf.map((group) => `with ${group.join(' or ')}`),
    ...(beside.length > 0 ? [`${beside.join(', ')} may come along`] : []),
    ...(absent.length > 0 ? [`without ${absent.join(', ')}`] : []),
    ...(resultTopic === null ? [] : [`the result topic reads ${resultTopic.join(' ')}`]),
  ].join('; ');
}

function strategiesSection(): readonly string[] {
  const rows = STRATEGY_NAMES.map((name) => [code(name), STRATEGIES[name].summary, KEY_USE[name]]);
  return ['## Strategies', 'Worst first.', table(['name', 'steps per delivery', 'idempotency keys'], rows)];
}

function anomaliesSection(): readonly string[] {
  const rows = Object.values(ANOMALY_CLASSES).map(({ id, plain, name, definition }) => [
    id,
    plain,
    code(name),
    definition,
  ]);
  const implied = IMPLIES.map(({ root, consequence, scope }) => [root, consequence, scope.replace('-', ' ')]);
  return [
    '## Anomalies',
    table(['code', 'plain name', 'stable name', 'definition'], rows),
    'What follows from what: a consequence is reported with its cause, and only roots are blamed.',
    table(['root', 'consequence', 'tied by'], implied),
  ];
}

function errorsSection(): readonly string[] {
  const rows = Object.entries(ERRORS).map(([name, { message, httpStatus, exitCode, outcome }]) => [
    ...[code(name), message, String(httpStatus), String(exitCode), outcome],
  ]);
  return [
    '## Errors',
    'definite: it did not happen. unknown: it may have happened, so the same idempotent call is made again.',
    table(['code', 'message', 'HTTP status', 'exit code', 'outcome'], rows),
  ];
}

function limitsSection(): readonly string[] {
  const rows = NAMED_LIMITS.map(({ name, value, meaning }) => [code(name), value.toLocaleString('en'), meaning]);
  return ['## Limits', table(['name', 'value', 'what happens at it'], rows)];
}

function metricsSection(): readonly string[] {
  const rows = Object.entries(METRICS).map(([name, { kind, labels, unit, help }]) => {
    const sets = Object.entries<readonly string[]>(labels).map(([label, values]) => `${label}: ${values.join(', ')}`);
    return [code(name), kind, sets.join('; '), unit, help];
  });
  return [
    '## Metrics',
    `What a process shows at its \`--metrics-port\`. Labels are closed sets, never a user, an event or an error's text; ${codes(Object.keys(PROCESS_LABELS))} stand on every series.`,
    table(['metric', 'kind', 'labels', 'unit', 'meaning'], rows),
  ];
}

function pointsSection(): readonly string[] {
  const rows = Object.entries(POINT_MEANINGS).map(([name, meaning]) => [
    codes([`before:${name}`, `after:${name}`]),
    meaning,
  ]);
  return [
    '## Crash points',
    'A consumer announces itself at each of these, and a fault of the plan may strike there.',
    table(['points', 'around what'], rows),
  ];
}

function signsSection(): readonly string[] {
  const rows = Object.entries(SIGNS).map(([sign, meaning]) => [code(sign), meaning]);
  return [
    '## Signs of a timeline',
    "A sign is followed by the sequence of its event; each `'` behind it is one more message of the same event.",
    table(['sign', 'meaning'], rows),
  ];
}
