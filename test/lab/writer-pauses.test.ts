/** A writer that stands still, and the rival that ends its pause: no clock decides which of the two comes first. */
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { WriterPauses } from '../../lab/writer-pauses';
import { OrderlabError } from '../../shared/errors';
import type { CommandRequest } from '../../shared/model/command';
import { crediting } from '../../shared/scenarios/command-rounds';
import type { CommandPort } from '../../shared/write-ports';

function requestOf(commandId: string): CommandRequest {
  return { commandId, requestKey: commandId, expectedVersion: null, command: crediting('ada', 1) };
}

function open() {
  const clock = openVirtualClock();
  const pauses = new WriterPauses([{ commandId: 'zombie', rivalId: 'rival' }], clock);
  const told: string[] = [];
  let refusals = 1;
  const port: CommandPort = pauses.around({
    writer: 'w1',
    async submit({ commandId }) {
      told.push(commandId);
      refusals -= 1;
      if (commandId === 'rival' && refusals >= 0) throw new OrderlabError('NOT_OWNER', { user: 'ada', owner: 'w2' });
      return { user: 'ada', eventId: 'e1', sequence: 1, replayed: false };
    },
  });
  return { clock, pauses, port, told };
}

it('holds the rival back until the writer stands, and lets the writer go on when the rival was accepted', async () => {
  const { clock, pauses, port, told } = open();
  const work = async () => {
    const rival = port.submit(requestOf('rival'));
    rival.catch(() => {});
    await clock.sleep(100);
    expect(told).toEqual([]);
    const standing = pauses.stand('zombie').then(() => told.push('gone on'));
    /** Refused: the shard is not taken over yet. */
    await expect(rival).rejects.toMatchObject({ code: 'NOT_OWNER' });
    await clock.sleep(100);
    expect(told).toEqual(['rival']);
    await port.submit(requestOf('rival'));
    await standing;
  };
  await clock.run(work());
  expect(told).toEqual(['rival', 'rival', 'gone on']);
});

it('stops one writer a command, the first that comes there, and no other command', async () => {
  const { clock, pauses, port, told } = open();
  expect([pauses.isDue('zombie'), pauses.isDue('other')]).toEqual([true, false]);
  const standing = pauses.stand('zombie');
  expect(pauses.isDue('zombie')).toBe(false);
  await clock.run(port.submit(requestOf('other')));
  await clock.run(port.submit(requestOf('rival')));
  await clock.run(standing);
  expect(pauses.isDue('zombie')).toBe(false);
  expect(told).toEqual(['other', 'rival']);
});

it('waits for nobody for ever', async () => {
  const { clock, pauses, port, told } = open();
  await clock.run(port.submit(requestOf('rival')).catch(() => {}));
  expect(told).toEqual(['rival']);
  await clock.run(pauses.stand('zombie'));
  expect(clock.nowMs()).toBeGreaterThan(60_000);
});
