/** D3: the first delivery of an event came after the first delivery of a later event of the same user. */
import { type Law, nothingLeft } from './law';

export function deliveryReorder(): Law {
  return {
    ids: ['D3'],
    sees: ['received'],
    observe(moment, run, report) {
      if (moment.kind !== 'received' || moment.arrival !== 'late' || moment.above === null) return;
      const { user, sequence, above, consumer, highestConsumer } = moment;
      /** Two consumers' clocks may disagree by more than lies between their deliveries. */
      const isDefinite = consumer === highestConsumer || moment.order - moment.highestOrder >= run.orderError;
      report({
        ...{ id: 'D3', user, sequence, isDefinite, how: null, events: [above, sequence] },
        sentence: () => `${user.name} #${above} was delivered before #${sequence}, at ${consumer.name} the latter`,
      });
    },
    finish: nothingLeft,
  };
}
