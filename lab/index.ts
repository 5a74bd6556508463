/** What library users import from `orderlab`. The one file that only re-exports: package.json names it. */
export { systemClock } from '../shared/adapters/system-clock';
export { createChecker } from '../shared/checker/check';
export { scenarioPlan } from '../shared/config';
export type { HistoryRecord } from '../shared/model/history';
export type { Plan } from '../shared/model/plan';
export type { Scenario } from '../shared/model/scenario';
export type { Verdict } from '../shared/model/verdict';
export { SCENARIOS, scenarioNamed } from '../shared/scenarios/registry';
export { collidingUsers, type LoadChoice, load, loadReportLines } from './load-entry';
export { judgeRun, type RunOptions, type RunReport, run } from './run';
