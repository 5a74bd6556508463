/**
 * Colliding keys: users that share one sticky hash. Key_Shared deals out hashes and not keys, so one consumer gets them
 * all, however many there are. The load is found unknown for that: one consumer alone cannot show disorder.
 *
 *   node colliding-keys.mjs [SECONDS] [BROKER] [STORE]
 */
import { collidingUsers, load, loadReportLines } from 'orderlab';

const [duration = '30', broker = 'embedded:', store = 'embedded:'] = process.argv.slice(2);

const users = collidingUsers(20);
const report = await load({
  ...{ rate: '300', duration, users: String(users.length), skew: 'uniform', broker, store },
  nameOf: (drawn) => users[Number(drawn.slice('u-'.length)) - 1] ?? drawn,
});

for (const line of loadReportLines(report)) console.log(line);
process.exitCode = report.verdict === 'valid' ? 0 : 1;
