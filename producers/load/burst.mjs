/**
 * Burst: nothing, and then two hundred events at once. The mean rate says little here: look at p99 and max.
 *
 *   node burst.mjs [SECONDS] [BROKER] [STORE]
 */
import { load, loadReportLines } from 'orderlab';

const [duration = '30', broker = 'embedded:', store = 'embedded:'] = process.argv.slice(2);

const report = await load({ rate: '400', duration, users: '1000', arrival: 'burst:200', broker, store });

for (const line of loadReportLines(report)) console.log(line);
process.exitCode = report.verdict === 'valid' ? 0 : 1;
