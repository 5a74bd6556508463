/**
 * Churned users: everybody comes, does two or three things and never comes again. Whatever keeps something for each user
 * grows with it: idempotency keys, lanes, caches.
 *
 *   node churned-users.mjs [SECONDS] [BROKER] [STORE]
 */
import { load, loadReportLines } from 'orderlab';

const [duration = '30', broker = 'embedded:', store = 'embedded:'] = process.argv.slice(2);

const users = String(Math.ceil((500 * Number(duration)) / 3));
const report = await load({ rate: '500', duration, users, skew: 'uniform', broker, store });

for (const line of loadReportLines(report)) console.log(line);
process.exitCode = report.verdict === 'valid' ? 0 : 1;
