/**
 * Hot user: half of all events are one user's. Its events are serial, so more consumers do not help it; the question is
 * whether the other users wait for it.
 *
 *   node hot-user.mjs [SECONDS] [BROKER] [STORE]
 */
import { load, loadReportLines } from 'orderlab';

const [duration = '30', broker = 'embedded:', store = 'embedded:'] = process.argv.slice(2);

const report = await load({ rate: '300', duration, users: '1000', skew: 'hot:0.5', broker, store });

for (const line of loadReportLines(report)) console.log(line);
process.exitCode = report.verdict === 'valid' ? 0 : 1;
