/**
 * Reads a drawn timeline back into a history, so that a drawing in a bug report is a test.
 *
 * A line is a lane: its name, then marks; the column of a mark is its time. `log` lists what is published, in order, before
 * anything else happens; `results` what stands on the result topic. Lanes of later bands (after an empty line) go on.
 */
import type { HistoryRecord } from '../../shared/model/history';
import { type HeaderChoice, HistoryBuilder } from './history-builder';

interface Placed {
  readonly lane: string;
  readonly text: string;
  readonly band: number;
  readonly column: number;
}

const LANE = /^\s*(\S+)(.*)$/;
const MARK = /^(?<sign>[>*=/?_\-@+~^![\]<JLX])(?<sequence>\d*)(?<twins>'*)$/;

export function historyOf(drawing: string, choice: HeaderChoice = {}, user = 'ann'): readonly HistoryRecord[] {
  const placed = placedTexts(drawing);
  const sequencesOf = (lane: string) =>
    placed.filter((one) => one.lane === lane).map(({ text }) => Number(text.slice(1)));
  const marks = placed.filter(({ lane }) => lane !== 'log' && lane !== 'results');
  const builder = new HistoryBuilder(choice);
  const joining = new Set(marks.filter(({ text }) => text === 'J').map(({ lane }) => lane));
  const working = marks.filter(({ text }) => !text.startsWith('<'));
  for (const lane of new Set(working.map((mark) => mark.lane))) if (!joining.has(lane)) builder.join(lane);
  builder.publish(user, ...sequencesOf('log'));
  const sent = new Set<string>();
  for (const mark of marks.toSorted((one, other) => one.band - other.band || one.column - other.column)) {
    const confirms = mark.text.startsWith('^') && sent.delete(`${mark.lane} ${mark.text.slice(1)}`);
    if (mark.text.startsWith('~')) sent.add(`${mark.lane} ${mark.text.slice(1)}`);
    perform(builder, mark, user, confirms);
  }
  return builder.result(user, ...sequencesOf('results')).finish();
}

function placedTexts(drawing: string): readonly Placed[] {
  let band = 0;
  return drawing.split('\n').flatMap((line) => {
    if (line.trim() === '') {
      band += 1;
      return [];
    }
    const [, lane = '', rest = ''] = LANE.exec(line) ?? [];
    const offset = line.length - rest.length;
    return [...rest.matchAll(/\S+/g)].map(({ 0: text, index }) => ({ lane, text, band, column: offset + index }));
  });
}

/** `confirms`: the acknowledgement was sent in an earlier mark. */
function perform(builder: HistoryBuilder, { lane, text }: Placed, user: string, confirms: boolean): void {
  const groups = MARK.exec(text)?.groups;
  if (groups === undefined) throw new Error(`no mark of a timeline: ${text}`);
  const sequence = Number(groups.sequence);
  const twin = groups.twins?.length ?? 0;
  switch (groups.sign) {
    case '>':
      return void builder.received(lane, user, sequence, twin);
    case '*':
      return void builder.applied(lane, user, sequence);
    case '=':
      return void builder.answered(lane, user, sequence, 'apply', 'duplicate', true, twin);
    case '/':
      return void builder.answered(lane, user, sequence, 'apply', 'stale', null, twin);
    case '?':
      return void builder.answered(lane, user, sequence, 'apply', 'gap', null, twin);
    case '_':
      return void builder.parked(lane, user, sequence);
    case '-':
      return void builder.answered(lane, user, sequence, 'check-marker', 'absent', null, twin);
    case '@':
      return void builder.answered(lane, user, sequence, 'check-marker', 'present', null, twin);
    case '+':
      return void builder.marker(lane, user, sequence, 'set-marker');
    case '~':
      return void builder.step(lane, user, sequence, 'ack-intended', twin);
    case '^':
      if (confirms) return void builder.step(lane, user, sequence, 'ack-confirmed', twin);
      return void builder.acked(lane, user, sequence, twin);
    case '!':
      return void builder.step(lane, user, sequence, 'nack-intended', twin);
    case '[':
      return void builder.execute({ name: 'begin-handler', user, owner: lane });
    case ']':
      return void builder.execute({ name: 'end-handler', user, owner: lane });
    case '<':
      return void builder.rollback(user, sequence);
    case 'J':
      return void builder.join(lane);
    case 'L':
      return void builder.leave(lane);
    default:
      return void builder.crash(lane);
  }
}
