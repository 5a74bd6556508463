/** Scenarios on the served broker, through the adapter for a real Pulsar: the verdicts are those of every other world. */
import { needsOf } from '../../shared/model/need';
import { SCENARIOS, SCENARIOS_ANYWHERE } from '../../shared/scenarios/registry';
import { describeServedScenarios } from '../support/served-scenarios';

it('leaves out six scenarios, which need consumers that are stopped or a Pulsar that is unloaded, restarted or killed', () => {
  const exceptions = SCENARIOS.filter((scenario) => !SCENARIOS_ANYWHERE.includes(scenario));
  expect(exceptions.map(({ name, plan }) => [name, needsOf(plan.faults)])).toEqual([
    ['rolling-restart', ['own-broker']],
    ['rolling-restart-naive', ['own-broker']],
    ['zombie', ['processes']],
    ['zombie-naive', ['processes']],
    ['broker-kill', ['own-broker']],
    ['broker-kill-naive', ['own-broker']],
  ]);
});

/** A crash, a negative acknowledgement, a swap, and designs that hold; `npm run test:real` plays all of them. */
describeServedScenarios([
  ...['competing-consumers', 'competing-consumers-naive', 'crash-before-ack-naive', 'record-with-effect'],
  ...['ack-after-work-naive', 'handler-error', 'transfer-results-naive'],
]);
