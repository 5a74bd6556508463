/**
 * Admin routes: the calls of Pulsar's admin REST API that the lab and its tests make (pulsar-semantics 8), with the
 * statuses and sentences of 4.2.4. Every other call is refused by name with 501.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PARTITION_COUNT_MAX } from '../../shared/config';
import { done, existing, type Place, type PlaceOf, TOPIC, topicMissing } from './admin-place';
import { registerRemoval } from './admin-removal';
import { internalStats, subscriptionStats } from './admin-stats';
import type { Namespaces } from './namespaces';
import { BAD_REQUEST, CONFLICT, NOT_FOUND, notServed, PRECONDITION_FAILED, RefusedError } from './refusal';
import { logNameOf } from './served-namespace';

/** What this broker is a model of. Clients ask for it to know what they may expect. */
const MODELLED_VERSION = '4.2.4';
const NOT_ACCEPTABLE = 406;
const TENANT = '/admin/v2/tenants/:tenant';
const NAMESPACE = '/admin/v2/namespaces/:tenant/:namespace';

interface TopicParams {
  readonly tenant: string;
  readonly namespace: string;
  readonly topic: string;
  readonly subscription: string;
}

const policiesSchema = z.object({
  autoTopicCreationOverride: z.object({ allowAutoTopicCreation: z.boolean() }).nullish(),
  autoSubscriptionCreationOverride: z.object({ allowAutoSubscriptionCreation: z.boolean() }).nullish(),
});

/** Of a plain topic or one partition. */
const messageIdSchema = z.object({ ledgerId: z.number().int(), entryId: z.number().int() });
const countSchema = z.number().int().min(0);

/** Calls that limit unacknowledged messages of a topic, 0: no limit. */
const UNACKED_LIMITS = {
  maxUnackedMessagesOnConsumer: 'unackedPerConsumerMax',
  maxUnackedMessagesOnSubscription: 'unackedPerSubscriptionMax',
} as const;

export function registerAdmin(server: FastifyInstance, namespaces: Namespaces): void {
  registerBroker(server, namespaces);
  registerNamespaces(server, namespaces);
  const placeOf = ({ params }: FastifyRequest): Place => {
    const { tenant, namespace: name, topic, subscription } = params as TopicParams;
    const namespace = namespaces.find(`${tenant}/${name}`);
    return { namespace, fullName: namespace.fullName(topic), subscription };
  };
  registerTopics(server, placeOf);
  registerOperations(server, placeOf);
  registerRemoval(server, placeOf);
  registerStatistics(server, placeOf);
}

function registerBroker(server: FastifyInstance, { tenants }: Namespaces): void {
  server.get('/admin/v2/brokers/health', () => 'ok');
  server.get('/admin/v2/brokers/ready', () => 'ok');
  server.get('/admin/v2/brokers/version', () => MODELLED_VERSION);
  server.get('/admin/v2/clusters', () => ['standalone']);
  server.get('/admin/v2/tenants', () => [...tenants]);
}

function registerNamespaces(server: FastifyInstance, namespaces: Namespaces): void {
  const { tenants } = namespaces;
  const nameOf = ({ params }: FastifyRequest): string => {
    const { tenant, namespace } = params as TopicParams;
    if (!tenants.has(tenant)) throw new RefusedError(NOT_FOUND, 'Tenant not found');
    return `${tenant}/${namespace}`;
  };
  server.put(TENANT, ({ params }, reply) => {
    const { tenant } = params as TopicParams;
    if (tenants.has(tenant)) throw new RefusedError(CONFLICT, 'Tenant already exist');
    tenants.add(tenant);
    return done(reply);
  });
  server.get('/admin/v2/namespaces/:tenant', ({ params }) => {
    const { tenant } = params as TopicParams;
    if (!tenants.has(tenant)) throw new RefusedError(NOT_FOUND, 'Tenant not found');
    return namespaces.namesOf(tenant);
  });
  server.put(NAMESPACE, (request, reply) => {
    const isNew = namespaces.create(nameOf(request), policiesOf(request.body));
    if (!isNew) throw new RefusedError(CONFLICT, 'Namespace already exists');
    return done(reply);
  });
  server.delete(NAMESPACE, async (request, reply) => {
    const name = nameOf(request);
    if (!(await namespaces.delete(name))) throw new RefusedError(NOT_FOUND, `Namespace ${name} does not exist.`);
    return done(reply);
  });
}

/** Everything is retained anyway, and nothing is ever trimmed: other policies change nothing here. */
function policiesOf(body: unknown) {
  const policies = parse(policiesSchema, body ?? {}, 'policies');
  const { autoTopicCreationOverride, autoSubscriptionCreationOverride } = policies;
  return {
    createsTopics: autoTopicCreationOverride?.allowAutoTopicCreation ?? true,
    createsSubscriptions: autoSubscriptionCreationOverride?.allowAutoSubscriptionCreation ?? true,
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new RefusedError(BAD_REQUEST, `${what}: ${parsed.error.issues[0]?.message ?? ''}`);
}

function registerTopics(server: FastifyInstance, placeOf: PlaceOf): void {
  const create = async (place: Place, partitionCount: number, reply: FastifyReply) => {
    const { namespace, fullName } = place;
    if (namespace.partitionCount(fullName) !== null) throw new RefusedError(CONFLICT, 'This topic already exists');
    await namespace.createTopic(fullName, partitionCount);
    return done(reply);
  };
  server.put(TOPIC, (request, reply) => create(placeOf(request), 0, reply));
  server.put(`${TOPIC}/partitions`, (request, reply) =>
    create(placeOf(request), partitionCountOf(request.body), reply),
  );
  server.get(`${TOPIC}/partitions`, (request) => ({ partitions: existing(placeOf(request)), deleted: false }));
  server.put(`${TOPIC}/subscription/:subscription`, async (request, reply) => {
    const { namespace, fullName, subscription } = placeOf(request);
    if (namespace.partitionCount(fullName) === null) {
      throw new RefusedError(PRECONDITION_FAILED, 'Topic does not exist and cannot be auto-created');
    }
    const from = positionOf(request.body);
    if (namespace.hasSubscription(fullName, subscription)) {
      throw new RefusedError(CONFLICT, 'Subscription already exists for topic');
    }
    await namespace.broker.createSubscription(fullName, subscription, from);
    return done(reply);
  });
}

/** What changes how a topic goes on. */
function registerOperations(server: FastifyInstance, placeOf: PlaceOf): void {
  server.put(`${TOPIC}/unload`, (request, reply) => {
    const place = placeOf(request);
    existing(place);
    place.namespace.broker.unload(place.fullName);
    return done(reply);
  });
  server.post(`${TOPIC}/subscription/:subscription/resetcursor`, (request, reply) => {
    const { namespace, fullName, subscription } = placeOf(request);
    const { ledgerId, entryId } = parse(messageIdSchema, request.body, 'a message id');
    const [log] = namespace.broker.viewLogs(fullName);
    if (log?.ledgerId !== ledgerId) throw new RefusedError(PRECONDITION_FAILED, 'the topic has no such message');
    namespace.broker.seek(fullName, subscription, new Map([[log.partition, entryId]]));
    return done(reply);
  });
  for (const [name, limit] of Object.entries(UNACKED_LIMITS)) {
    server.post(`${TOPIC}/${name}`, (request, reply) => {
      const { namespace, fullName } = placeOf(request);
      namespace.broker.setTopicPolicies(fullName, { [limit]: parse(countSchema, request.body, 'a limit') });
      return done(reply);
    });
  }
}

function partitionCountOf(body: unknown): number {
  if (typeof body !== 'number' || !Number.isSafeInteger(body)) {
    throw new RefusedError(BAD_REQUEST, 'the number of partitions is a JSON number');
  }
  if (body < 1) throw new RefusedError(NOT_ACCEPTABLE, 'Number of partitions should be more than 0');
  if (body <= PARTITION_COUNT_MAX) return body;
  throw new RefusedError(NOT_ACCEPTABLE, `Number of partitions should be at most ${PARTITION_COUNT_MAX}`);
}

/** Nothing, or `"latest"`: behind the latest message. */
function positionOf(body: unknown): 'earliest' | 'latest' {
  if (body === undefined || body === null || body === 'latest') return 'latest';
  if (body === 'earliest') return 'earliest';
  throw notServed('a subscription that begins at a message id');
}

function registerStatistics(server: FastifyInstance, placeOf: PlaceOf): void {
  server.get(`${TOPIC}/stats`, (request) => {
    const place = placeOf(request);
    requirePlain(place);
    return topicStats(place);
  });
  server.get(`${TOPIC}/partitioned-stats`, (request) => {
    const place = placeOf(request);
    const count = existing(place);
    const { fullName } = place;
    if (count === 0) throw new RefusedError(NOT_FOUND, `Partitioned Topic ${fullName} not found`);
    const names = Array.from({ length: count }, (_, index) => logNameOf(fullName, index));
    const partitions = names.map((name) => [name, topicStats({ ...place, fullName: name })] as const);
    return { metadata: { partitions: count, deleted: false }, partitions: Object.fromEntries(partitions) };
  });
  server.get(`${TOPIC}/internalStats`, (request) => {
    const place = placeOf(request);
    requirePlain(place);
    const [view] = place.namespace.broker.viewLogs(place.fullName);
    return view === undefined ? topicMissing(place) : internalStats(view);
  });
}

function topicStats({ namespace: { broker }, fullName }: Place) {
  const names = broker.viewLogs(fullName).flatMap(({ cursors }) => cursors.map(({ subscription }) => subscription));
  const subscriptions = names.flatMap((name) =>
    broker.view(fullName, name).map((view) => [name, subscriptionStats(view)] as const),
  );
  return { subscriptions: Object.fromEntries(subscriptions) };
}

/** Of a partitioned topic as a whole there are no such statistics: each partition has its own. */
function requirePlain(place: Place): void {
  if (existing(place) > 0) topicMissing(place);
}
