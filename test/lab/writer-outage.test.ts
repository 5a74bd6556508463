import { WriterOutage } from '../../lab/writer-outage';
import { runOf } from '../support/scenario-run';

let nowMs = 0;

function outage(): WriterOutage {
  nowMs = 100;
  return new WriterOutage({ nowMs: () => nowMs, sleep: () => Promise.resolve() });
}

function after(ms: number, then: () => void): void {
  nowMs += ms;
  then();
}

it('an outage lasts from the first death to the next command that is accepted, and the longest one counts', () => {
  const measured = outage();
  after(0, () => measured.died());
  after(30, () => measured.died());
  after(20, () => measured.accepted());
  after(500, () => measured.accepted());
  after(0, () => measured.died());
  after(40, () => measured.accepted());
  expect(measured.longestMs).toBe(50);
});

it('is none where nobody died, or nothing was accepted after it', () => {
  const measured = outage();
  measured.accepted();
  expect(measured.longestMs).toBeNull();
  measured.died();
  expect(measured.longestMs).toBeNull();
});

it('stands in the report of a run whose single writer died, and in no other', async () => {
  const [dying, racing] = await Promise.all([runOf('single-writer-many-readers', '1'), runOf('racing-creators', '1')]);
  expect(dying.report.writerOutageMs).toBeGreaterThanOrEqual(0);
  expect(racing.report.writerOutageMs).toBeNull();
});
