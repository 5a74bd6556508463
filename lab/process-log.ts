/** Process log: what a consumer process says beside its history, as JSON lines on standard error. */
import { destination, type Logger, pino } from 'pino';

/** Standard error, written synchronously: what was said before a kill is there. */
const STANDARD_ERROR = 2;

/**
 * ORDERLAB_LOG sets the level (fatal, error, warn, info, debug, trace, silent; default warn). Never an event's content:
 * names of consumers, codes and counts only.
 */
export function openProcessLog(consumer: string): Logger {
  const known = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
  const asked = process.env.ORDERLAB_LOG ?? 'warn';
  const level = known.includes(asked) ? asked : 'warn';
  return pino({ name: 'orderlab', level, base: { consumer } }, destination({ dest: STANDARD_ERROR, sync: true }));
}
