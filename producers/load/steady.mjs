/**
 * Steady: a constant rate, as many users as there are in a quiet hour. What every other load is compared with.
 *
 *   node steady.mjs [SECONDS] [BROKER] [STORE]
 */
import { load, loadReportLines } from 'orderlab';

const [duration = '30', broker = 'embedded:', store = 'embedded:'] = process.argv.slice(2);

const report = await load({ rate: '500', duration, users: '1000', broker, store });

for (const line of loadReportLines(report)) console.log(line);
process.exitCode = report.verdict === 'valid' ? 0 : 1;
