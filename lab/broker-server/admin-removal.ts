/** Admin routes that take something away: topics, subscriptions, messages that a subscription gives up (pulsar-semantics 8). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { done, existing, type Place, type PlaceOf, TOPIC } from './admin-place';
import { CONFLICT, NOT_FOUND, notServed, RefusedError } from './refusal';

const SUBSCRIPTION = `${TOPIC}/subscription/:subscription`;
const METHOD_NOT_ALLOWED = 405;
const INTEGER = /^-?\d+$/;

export function registerRemoval(server: FastifyInstance, placeOf: PlaceOf): void {
  server.delete(TOPIC, (request, reply) => {
    const place = placeOf(request);
    if (existing(place) > 0) {
      const advice = 'instead of calling delete topic, please call delete-partitioned-topic.';
      throw new RefusedError(CONFLICT, `${place.fullName} is a partitioned topic, ${advice}`);
    }
    if (place.namespace.isPartition(place.fullName)) throw notServed('deleting one partition of a topic');
    place.namespace.deleteTopic(place.fullName, isForced(request));
    return done(reply);
  });
  server.delete(`${TOPIC}/partitions`, (request, reply) => {
    const place = placeOf(request);
    if (existing(place) === 0) {
      const advice = 'Instead of calling delete-partitioned-topic please call delete.';
      throw new RefusedError(CONFLICT, `${place.fullName} is a non-partitioned topic. ${advice}`);
    }
    place.namespace.deleteTopic(place.fullName, isForced(request));
    return done(reply);
  });
  server.delete(SUBSCRIPTION, (request, reply) => {
    const { namespace, fullName, subscription } = subscribed(placeOf(request));
    namespace.broker.deleteSubscription(fullName, subscription, { isForced: isForced(request) });
    return done(reply);
  });
  registerSkipping(server, placeOf);
}

function registerSkipping(server: FastifyInstance, placeOf: PlaceOf): void {
  server.post(`${SUBSCRIPTION}/skip/:count`, (request, reply) => {
    const { count } = request.params as { readonly count: string };
    if (!INTEGER.test(count)) throw new RefusedError(NOT_FOUND, 'Not Found');
    const place = placeOf(request);
    if (existing(place) > 0) {
      throw new RefusedError(METHOD_NOT_ALLOWED, 'Skip messages on a partitioned topic is not allowed');
    }
    const { namespace, fullName, subscription } = subscribed(place);
    // Pulsar takes a number below 0 and skips nothing.
    namespace.broker.skip(fullName, subscription, Math.max(0, Number(count)));
    return done(reply);
  });
  server.post(`${SUBSCRIPTION}/skip_all`, (request, reply) => {
    const { namespace, fullName, subscription } = subscribed(placeOf(request));
    namespace.broker.skip(fullName, subscription, null);
    return done(reply);
  });
}

function subscribed(place: Place): Place {
  existing(place);
  const { namespace, fullName, subscription } = place;
  if (namespace.hasSubscription(fullName, subscription)) return place;
  throw new RefusedError(NOT_FOUND, `Subscription ${subscription} not found for topic ${fullName}`);
}

function isForced({ query }: FastifyRequest): boolean {
  return (query as { readonly force?: string }).force === 'true';
}
