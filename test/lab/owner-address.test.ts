/** Commands that one instance sends on to the owner of a user, over HTTP. */
import { API_LIMITS } from '../../lab/api/api-server';
import { NO_TOKENS } from '../../lab/api/bearer-tokens';
import { openUserApi } from '../../lab/api/user-api';
import { forwardOverHttp, ownerAt } from '../../lab/owner-address';
import { OrderlabError } from '../../shared/errors';
import type { CommandRequest } from '../../shared/model/command';
import { crediting } from '../../shared/scenarios/command-rounds';

function requestOf(commandId: string): CommandRequest {
  return { commandId, requestKey: commandId, expectedVersion: 3, command: crediting('ada', 1), isForwarded: true };
}

/** An instance that answers as it is told to, and keeps what it was asked. */
async function owning(answer: (request: CommandRequest) => Promise<number>) {
  const asked: CommandRequest[] = [];
  const api = await openUserApi({
    ...{ tokens: NO_TOKENS, limits: { ...API_LIMITS, loopDelayMsMax: 0 }, log: () => {}, queries: null },
    submit: async (request) => {
      asked.push(request);
      return { user: request.command.user, eventId: 'e4', sequence: await answer(request), replayed: false };
    },
  });
  return { api, asked, owner: ownerAt('w1.1', await api.listen('127.0.0.1', 0)) };
}

describe('a command that is sent on', () => {
  it('arrives as it was asked, with the mark that it goes no further, and is answered by the owner', async () => {
    const { api, asked, owner } = await owning(async () => 4);
    expect(await forwardOverHttp(owner, requestOf('c1'))).toMatchObject({ sequence: 4, replayed: false });
    expect(asked).toMatchObject([{ commandId: 'c1', expectedVersion: 3, isForwarded: true }]);
    await api.close();
  });

  it('is refused as the owner refuses it, with whom to ask instead', async () => {
    const { api, owner } = await owning(async () => {
      throw new OrderlabError('NOT_OWNER', { user: 'ada', owner: 'w2.1' });
    });
    const refused = { code: 'NOT_OWNER', outcome: 'definite', details: { user: 'ada', owner: 'w2.1' } };
    await expect(forwardOverHttp(owner, requestOf('c1'))).rejects.toMatchObject(refused);
    await api.close();
  });

  it('to an owner that is gone has not happened for certain', async () => {
    const { api, owner } = await owning(async () => 1);
    await api.close();
    const gone = { code: 'WRITER_UNREACHABLE', outcome: 'definite' };
    await expect(forwardOverHttp(owner, requestOf('c1'))).rejects.toMatchObject(gone);
    await expect(forwardOverHttp('w1.1', requestOf('c1'))).rejects.toMatchObject(gone);
  });
});
