/**
 * W11: an append was accepted from an owner that was none any more: a later one had been granted the shard before it. Grants
 * and entries stand in the store's own order, so no clock takes part.
 */
import type { ShardOwner } from '../model/authority';
import { type Law, nothingLeft } from './law';

export function zombieAppend(): Law {
  const owners = new Map<string, ShardOwner>();
  return {
    ids: ['W11'],
    sees: ['record'],
    observe(moment, run, report) {
      if (moment.kind !== 'record' || moment.record.stream !== 'App') return;
      const { record } = moment;
      if (record.type === 'grant') {
        const { shard, epoch, owner } = record;
        owners.set(shard, { epoch, owner });
        return;
      }
      const { authority, user: name, sequence, writer } = record;
      const latest = authority === undefined ? undefined : owners.get(authority.shard);
      if (authority === undefined || latest === undefined) return;
      if (authority.epoch === latest.epoch && writer === latest.owner) return;
      report({
        ...{ id: 'W11', user: run.userOf(name), sequence, isDefinite: true, how: null, events: [sequence] },
        sentence: () =>
          `${name} #${sequence} was accepted from ${writer} with epoch ${authority.epoch} of ${authority.shard}, after ${latest.owner} had been granted epoch ${latest.epoch}`,
      });
    },
    finish: nothingLeft,
  };
}
