import { InProcessWriter } from '../../lab/writer-crew';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { systemClock } from '../../shared/adapters/system-clock';
import { CAREFUL, creating } from '../../shared/scenarios/command-rounds';

it('a writer that was killed lets everybody who waits know, and everybody who comes only then', async () => {
  const writer = new InProcessWriter({
    ...{ writer: 'w1.1', settings: CAREFUL, store: openEmbeddedEventStore(systemClock), clock: systemClock },
    ...{ random: seededRandom('1'), topic: 'users', direct: null, onDeath: () => {} },
    crash: { writer: 0, at: 'before:append', arrival: 1, replaced: false },
  });
  const asked = (commandId: string) =>
    writer.submit({ commandId, requestKey: commandId, expectedVersion: null, command: creating('ada') });
  await expect(asked('first')).rejects.toMatchObject({ code: 'WRITER_LOST', outcome: 'unknown' });
  await expect(asked('late')).rejects.toMatchObject({ code: 'WRITER_UNREACHABLE', outcome: 'definite' });
});
