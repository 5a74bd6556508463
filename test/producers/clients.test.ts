import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { runClients } from '../../producers/clients';
import type { HistoryBody } from '../../shared/model/history';
import { creating, sent } from '../../shared/scenarios/command-rounds';
import type { CommandPort } from '../../shared/write-ports';

const WRITER: CommandPort = {
  writer: 'w1#1',
  submit: async ({ command, commandId }) => ({ user: command.user, eventId: commandId, sequence: 1, replayed: false }),
};

const ROUNDS = [['ann', 'bob', 'cid'], ['dan', 'eve'], ['fay']].map((users) =>
  users.map((user) => sent(`create-${user}`, creating(user))),
);

describe('clients', () => {
  it('begin a round when they may, told how many commands follow it', async () => {
    const steps: string[] = [];
    const note = (body: HistoryBody): void => {
      if (body.stream === 'Cmd' && body.type === 'invoke') steps.push(body.user);
    };
    const clock = openVirtualClock();
    await clock.run(
      runClients({
        ...{
          rounds: ROUNDS,
          writers: [WRITER],
          queries: { read: async () => null },
          clock,
          recorder: { record: note },
        },
        stop: { stopping: false },
        pruned: async () => {},
        mayBegin: async (followingCount) => {
          await clock.sleep(10);
          steps.push(`${followingCount} follow`);
        },
      }),
    );
    expect(steps).toEqual(['3 follow', 'ann', 'bob', 'cid', '1 follow', 'dan', 'eve', '0 follow', 'fay']);
  });
});
