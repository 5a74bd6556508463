/**
 * Backlog, built and drained: handlers that are slower than the arrivals. The backlog of each second rises while events
 * come and falls afterwards; order has to hold on both slopes.
 *
 *   node backlog-build-and-drain.mjs [SECONDS] [BROKER] [STORE]
 */
import { load, loadReportLines } from 'orderlab';

const [duration = '30', broker = 'embedded:', store = 'embedded:'] = process.argv.slice(2);

const report = await load({
  ...{ rate: '400', duration, users: '8', skew: 'uniform', consumers: '2', slowHandlers: '1:25', broker, store },
  onSecond: ({ atS, applied, backlog }) => console.log(`${atS} s: ${applied} applied, backlog ${backlog}`),
});

for (const line of loadReportLines(report)) console.log(line);
process.exitCode = report.verdict === 'valid' ? 0 : 1;
