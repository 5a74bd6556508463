/** Place: what a call of the admin API names, and what is said when it is not there. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NOT_FOUND, RefusedError } from './refusal';
import type { ServedNamespace } from './served-namespace';

export const TOPIC = '/admin/v2/persistent/:tenant/:namespace/:topic';
const NO_CONTENT = 204;

/** A topic that a call names; the subscription is empty where it names none. */
export interface Place {
  readonly namespace: ServedNamespace;
  readonly fullName: string;
  readonly subscription: string;
}

export type PlaceOf = (request: FastifyRequest) => Place;

/** Partitions, 0 of a plain topic. Throws RefusedError when there is no such topic. */
export function existing(place: Place): number {
  return place.namespace.partitionCount(place.fullName) ?? topicMissing(place);
}

export function topicMissing({ fullName }: Place): never {
  throw new RefusedError(NOT_FOUND, `Topic ${fullName} not found`);
}

export function done(reply: FastifyReply): FastifyReply {
  return reply.code(NO_CONTENT).send();
}
