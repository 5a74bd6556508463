/** Limits: every limit that has a name, with what happens at it. The reference prints them from here. */
import { COMMANDS_IN_HAND_COUNT_MAX, REPLY_TOPIC_COUNT_MAX } from '../consumers/command-handler';
import { AT_WORK_COUNT_MAX } from '../consumers/projector';
import { MEANING_EVENT_COUNT_MAX, REPAIR_EVENT_COUNT_MAX } from '../consumers/strategies/step-action';
import { AGGREGATE_COUNT_MAX } from '../producers/aggregate-cache';
import { REPLIES_AWAITED_COUNT_MAX } from '../producers/command-gateway';
import { RELAY_PAGE_COUNT_MAX } from '../producers/relay';
import { TRACE_LINE_BYTES_MAX } from '../producers/trace';
import { DECISION_COUNT_MAX } from '../producers/user-service';
import { HISTORY_LINE_LENGTH_MAX } from '../shared/adapters/history-files';
import { LOG_INDEX_EVENT_COUNT_MAX } from '../shared/adapters/log-index';
import { SENDS_IN_FLIGHT_MAX, SENDS_WAITING_MAX } from '../shared/adapters/pulsar-send-limits';
import { APPEND_BATCH_COUNT_MAX } from '../shared/adapters/redis-append-batch';
import { TIMELINE_BAND_COUNT_MAX, TIMELINE_WIDTH_MAX } from '../shared/checker/timeline';
import {
  CONSUMER_COUNT_MAX,
  EVENT_COUNT_MAX,
  KILL_COUNT_MAX,
  PARTITION_COUNT_MAX,
  RECEIVER_QUEUE_SIZE_MAX,
  USER_COUNT_MAX,
} from '../shared/config';
import { OUTBOX_COUNT_MAX } from '../shared/model/append';
import { GRANT_COUNT_MAX } from '../shared/model/authority';
import { RESULT_TOPIC_SHOWN_MAX } from '../shared/model/verdict';
import { CLASSIC_HASH_MAX, STICKY_HASH_MAX } from '../shared/simulator/sticky-hash';
import { PAYLOAD_BYTES_MAX } from '../shared/wire';
import {
  API_BODY_BYTES_MAX,
  API_CONNECTION_COUNT_MAX,
  API_DEPTH_MAX,
  API_IN_FLIGHT_COUNT_MAX,
  API_PRINCIPAL_RATE_MAX,
  API_REQUESTS_PER_SOCKET_MAX,
  API_USER_RATE_MAX,
  LOOP_DELAY_MS_MAX,
  REQUEST_KEY_LENGTH_MAX,
  WAIT_SECONDS_MAX,
} from './api/api-limits';
import { POSTED_COMMAND_COUNT_MAX } from './api/posted-commands';
import {
  ADMIN_BODY_BYTES_MAX,
  CONNECTION_COUNT_MAX,
  FAULT_DELAY_MS_MAX,
  FRAME_BYTES_MAX,
  SOCKET_BUFFER_BYTES_MAX,
} from './broker-server/server-limits';
import { DRAIN_DEADLINE_MS, UNACKED_COUNT_MAX } from './consumer-settings';
import { AHEAD_MAX } from './held-load';
import { LIVE_DURATION_S_MAX, LIVE_RATE_MAX } from './live/live-plans';
import { PAGE_BODY_BYTES_MAX, PAGE_COUNT_MAX } from './live/page-limits';
import {
  ARRIVAL_COUNT_MAX,
  CURVE_POINT_COUNT_MAX,
  LANE_COUNT_MAX,
  NOTE_COUNT_MAX,
  RING_KEY_COUNT_MAX,
} from './live/picture/picture';
import { REPLAY_RATE_MAX } from './live/replay-session';
import {
  LATENCY_MS_MAX,
  LOAD_DURATION_S_MAX,
  LOAD_RATE_MAX,
  LOAD_WORKER_COUNT_MAX,
  METRICS_CONNECTION_COUNT_MAX,
} from './load/load-limits';
import { RESULT_USER_COUNT_MAX } from './result-watch';

export interface Limit {
  /** The name in the code; its unit stands last. */
  readonly name: string;
  readonly value: number;
  /** One sentence: what is limited, and what happens at the limit. */
  readonly meaning: string;
}

export const NAMED_LIMITS: readonly Limit[] = [
  limit({ CONSUMER_COUNT_MAX }, 'Consumers of a run. More are refused as usage.'),
  limit({ PARTITION_COUNT_MAX }, 'Partitions of a topic. More are refused as usage.'),
  limit({ USER_COUNT_MAX }, 'Users of a synthetic workload. More are refused as usage.'),
  limit({ EVENT_COUNT_MAX }, 'Events of a synthetic workload. More are refused as usage.'),
  limit({ KILL_COUNT_MAX }, 'Kills of one run. More are refused as usage.'),
  limit({ RECEIVER_QUEUE_SIZE_MAX }, 'Messages that a consumer prefetches. More are refused as usage.'),
  limit({ UNACKED_COUNT_MAX }, 'Deliveries that a consumer holds unacknowledged; at it nothing more is received.'),
  limit(
    { AT_WORK_COUNT_MAX },
    'Deliveries that a consumer works on at once, parked ones left out; the others wait in its queue.',
  ),
  limit({ SENDS_IN_FLIGHT_MAX }, 'Sends that a producer has at a real Pulsar; the next ones wait.'),
  limit({ SENDS_WAITING_MAX }, 'Sends that wait behind those; one more is refused.'),
  limit({ MEANING_EVENT_COUNT_MAX }, 'Predecessors in which `semantic-guard` looks for a creation of equal meaning.'),
  limit({ REPAIR_EVENT_COUNT_MAX }, 'Events of one user that a repair reads at a time; a longer gap takes several.'),
  limit(
    { LOG_INDEX_EVENT_COUNT_MAX },
    'Events of a topic that one process keeps for repairs; a longer one is refused.',
  ),
  limit({ DRAIN_DEADLINE_MS }, 'How long a consumer may drain; what it still holds then goes to others.'),
  limit({ LOAD_RATE_MAX }, 'Events per second that a load is asked for. More are refused as usage.'),
  limit({ LOAD_WORKER_COUNT_MAX }, 'Processes of one load. More are refused as usage.'),
  limit({ LOAD_DURATION_S_MAX }, 'Seconds of a load. More are refused as usage.'),
  limit({ LATENCY_MS_MAX }, 'Milliseconds of a latency; a longer one counts as this.'),
  limit({ METRICS_CONNECTION_COUNT_MAX }, 'Connections to a metrics port; one more is refused.'),
  limit({ PAYLOAD_BYTES_MAX }, 'Bytes of a message; a longer one goes to quarantine unread.'),
  limit({ TRACE_LINE_BYTES_MAX }, 'Bytes of a line of a trace; a longer one is unreadable.'),
  limit(
    { AHEAD_MAX },
    'Events that are published beyond the count at which the next join or leave of a plan is due; the rest waits until it is over.',
  ),
  limit({ HISTORY_LINE_LENGTH_MAX }, 'Characters of a line of a history; a longer one is refused.'),
  limit(
    { RESULT_USER_COUNT_MAX },
    'Users of a derived topic whose order is watched; at it the one silent for longest is forgotten.',
  ),
  limit({ RESULT_TOPIC_SHOWN_MAX }, 'Entries of the result topic that a verdict shows; all of them are judged.'),
  limit({ TIMELINE_WIDTH_MAX }, 'Characters of a line of a timeline.'),
  limit({ TIMELINE_BAND_COUNT_MAX }, 'Bands of a timeline; what does not fit is left out in the middle, and said.'),
  limit({ CONNECTION_COUNT_MAX }, 'Connections to a served broker; one more is refused with HTTP 503.'),
  limit({ FRAME_BYTES_MAX }, 'Bytes of one text to a served broker; a longer one closes its connection with 1009.'),
  limit({ ADMIN_BODY_BYTES_MAX }, 'Bytes of a request to its admin API; a longer one is refused with HTTP 413.'),
  limit(
    { SOCKET_BUFFER_BYTES_MAX },
    'Bytes that wait for a client which does not read; at it nothing more is fetched.',
  ),
  limit({ API_BODY_BYTES_MAX }, 'Bytes of the body of a command; a longer one is refused with BODY_TOO_LARGE.'),
  limit({ API_DEPTH_MAX }, 'How deep a body nests; a deeper one is refused with REQUEST_INVALID.'),
  limit({ API_CONNECTION_COUNT_MAX }, 'Connections to an instance of the user service; one more is dropped.'),
  limit(
    { API_REQUESTS_PER_SOCKET_MAX },
    'Requests over one connection; then it is closed, so that load spreads again.',
  ),
  limit({ API_IN_FLIGHT_COUNT_MAX }, 'Requests under way at an instance; one more is refused with OVERLOADED.'),
  limit({ API_PRINCIPAL_RATE_MAX }, 'Requests of one principal in a second; more are refused with RATE_LIMITED.'),
  limit({ API_USER_RATE_MAX }, 'Requests on one user in a second; more are refused with RATE_LIMITED.'),
  limit({ WAIT_SECONDS_MAX }, 'Seconds that `Prefer: wait` waits; a longer wish is cut.'),
  limit(
    { LOOP_DELAY_MS_MAX },
    'Milliseconds that the event loop of an instance is late; then it refuses with OVERLOADED.',
  ),
  limit(
    { REQUEST_KEY_LENGTH_MAX },
    'Characters of an idempotency key; a longer one is refused with REQUEST_KEY_MISSING.',
  ),
  limit({ OUTBOX_COUNT_MAX }, 'Events that may wait to be published; at it commands are refused with OUTBOX_FULL.'),
  limit({ GRANT_COUNT_MAX }, 'Grants of shards that the event store remembers; at it the oldest is forgotten.'),
  limit({ APPEND_BATCH_COUNT_MAX }, 'Appends that one call to Redis makes; those beyond it leave in the next call.'),
  limit({ DECISION_COUNT_MAX }, 'Decisions on one command, each on a newer version; then it is refused as CONTENDED.'),
  limit({ AGGREGATE_COUNT_MAX }, 'Users that an instance remembers; the one not asked for longest is read again.'),
  limit({ RELAY_PAGE_COUNT_MAX }, 'Events that a relay publishes before it notes how far it has come.'),
  limit({ COMMANDS_IN_HAND_COUNT_MAX }, 'Commands that a handler has in hand; the others wait in its queue.'),
  limit({ REPLY_TOPIC_COUNT_MAX }, 'Reply topics that a handler keeps a producer for; the oldest is opened again.'),
  limit(
    { REPLIES_AWAITED_COUNT_MAX },
    'Replies that a gateway waits for; one more command is refused with OVERLOADED.',
  ),
  limit(
    { POSTED_COMMAND_COUNT_MAX },
    'Posted commands that an instance remembers; of an older one it says COMMAND_UNKNOWN, and its key still finds out.',
  ),
  limit({ FAULT_DELAY_MS_MAX }, 'How long a fault may hold back what goes to clients; more is refused as usage.'),
  limit({ LIVE_RATE_MAX }, 'Events per second of a live run, on each side. More are refused as usage.'),
  limit({ LIVE_DURATION_S_MAX }, 'Seconds of the load of a live run. More are refused as usage.'),
  limit({ REPLAY_RATE_MAX }, 'Steps per second of a replay on the live page. More are refused as usage.'),
  limit({ PAGE_COUNT_MAX }, 'Live pages that look at a time; one more is refused with OVERLOADED.'),
  limit({ PAGE_BODY_BYTES_MAX }, 'Bytes of a command of a live page; a longer one is refused with BODY_TOO_LARGE.'),
  limit({ LANE_COUNT_MAX }, 'Users that a live page shows; later ones take a place only when they show disorder.'),
  limit({ ARRIVAL_COUNT_MAX }, 'Effects of a user that a live page shows; earlier ones are counted.'),
  limit({ RING_KEY_COUNT_MAX }, 'Keys on the ring of a live page; those beyond it are left out.'),
  limit({ NOTE_COUNT_MAX }, 'Notes of a run that a live page shows: the latest.'),
  limit({ CURVE_POINT_COUNT_MAX }, 'Points of the curve of a live page; at it every second one goes.'),
  limit({ STICKY_HASH_MAX }, 'Sticky hashes, into which Key_Shared maps every key. Of Pulsar, not of the lab.'),
  limit({ CLASSIC_HASH_MAX }, 'The same under the classic dispatcher of Pulsar 3.'),
];

/** `{ NAME }` keeps the name and the value together: a renamed constant renames its row. */
function limit(named: Readonly<Record<string, number>>, meaning: string): Limit {
  const [[name, value] = ['', 0]] = Object.entries(named);
  return { name, value, meaning };
}
