import type { Scenario } from '../model/scenario';
import { AUTHORITY_FLOORS, authorities, SOLE, singleAuthority } from './single-authority';

export const forwardedCommands: Scenario = {
  ...singleAuthority,
  name: 'forwarded-commands',
  paragraph:
    'The shards of `single-authority`, killed and stopped in the same way, at instances that do not send a client away: whoever is asked for a user of another one sends the command on, once, and gives the client the answer of the owner. While a shard changes hands the owner is dead, or stands still, or is none any more; the client hears that and asks again under the same key, and every command takes effect once.',
  plan: {
    ...singleAuthority.plan,
    /** Who dies was asked by another instance, and no client waits for it: that shards change hands says that somebody died. */
    floors: { ...AUTHORITY_FLOORS, writerDeathCountMin: 0 },
    workload: {
      kind: 'commands',
      writeSide: authorities({ ...SOLE, authority: SOLE.authority && { ...SOLE.authority, forwards: true } }),
    },
  },
};
