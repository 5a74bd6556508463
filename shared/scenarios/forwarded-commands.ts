import type { Scenario } from '../model/scenario';
import { authorities, SOLE, singleAuthority } from './single-authority';

export const forwardedCommands: Scenario = {
  ...singleAuthority,
  name: 'forwarded-commands',
  paragraph:
    'The shards of `single-authority`, killed and stopped in the same way, at instances that do not send a client away: whoever is asked for a user of another one sends the command on, once, and gives the client the answer of the owner. While a shard changes hands the owner is dead, or stands still, or is none any more; the client hears that and asks again under the same key, and every command takes effect once.',
  plan: {
    ...singleAuthority.plan,
    workload: {
      kind: 'commands',
      writeSide: authorities({ ...SOLE, authority: SOLE.authority && { ...SOLE.authority, forwards: true } }),
    },
  },
};
