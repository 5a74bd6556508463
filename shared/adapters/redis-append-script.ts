/**
 * The script behind the event store on Redis: what shared/simulator/event-store.ts specifies, in Lua.
 *
 * As in redis-script.ts everything is read before the first write, by the command of the type that is expected: an
 * append that fails has changed nothing.
 */

/**
 * KEYS of `append`: 1 log (stream, entry N has the id N-0), 2 head of the user's stream (hash: `version`, `email`, and
 * by sequence `place eventId`), 3 index of e-mails (hash), 4 cursors (hash), 5 request record (string), if any. Of
 * `read`: 1 and 2. Of `move`: 1 cursors. Of `hold`: 1 the hold (string). ARGV 1: the operation, or `load`, which only
 * brings the script into the server.
 */
export const APPEND_SCRIPT = `
local function whole(stored, name)
  if not stored then return 0 end
  local number = tonumber(stored)
  if not number then error({ err = 'DATA ' .. name .. ' is no number' }) end
  return number
end

local function text(number)
  return string.format('%.17g', number)
end

-- ARGV 2 guard, 3 version read, 4 event id, 5 user, 6 and 7 the event's text before and after its sequence, 8 facts for
-- the history, 9 e-mail that is claimed or nothing, 10 1 when the old e-mail is given back, 11 most entries that may wait,
-- 12 name of the relay, 13 fingerprint of the request, 14 its ms to live.
local function append()
  local log, head, emails, cursors, request = unpack(KEYS)
  local guard, readVersion, id, user, before, after, facts, email, releases, waitingMax, relay = unpack(ARGV, 2, 12)
  if request then
    local kept = redis.call('GET', request)
    if kept then
      local fingerprint, sequence, eventId = string.match(kept, '^(%S+) (%d+) (.*)$')
      if not fingerprint then error({ err = 'DATA no request record' }) end
      if fingerprint ~= ARGV[13] then return { 'request-reused' } end
      return { 'replayed', eventId, sequence }
    end
  end
  local due = text(tonumber(readVersion) + 1)
  local stored = redis.call('HMGET', head, 'version', 'email', due)
  local version = whole(stored[1], 'version')
  if guard == 'expected' and version ~= tonumber(readVersion) then
    local own = stored[3] and string.match(stored[3], '^%d+ (.*)$')
    if own == id then return { 'appended', due } end
    return { 'version-conflict', text(version) }
  end
  if email ~= '' then
    local by = redis.call('HGET', emails, email)
    if by and by ~= user then return { 'email-taken', by } end
  end
  local length = redis.call('XLEN', log)
  if length - whole(redis.call('HGET', cursors, relay), 'cursor') >= tonumber(waitingMax) then return { 'outbox-full' } end
  local sequence = guard == 'blind' and version + 1 or tonumber(due)
  local place = text(length + 1)
  redis.call('XADD', log, place .. '-0', 'e', before .. text(sequence) .. after, 'f', facts)
  local changes = { 'version', text(math.max(version, sequence)), text(sequence), place .. ' ' .. id }
  if releases == '1' then
    if stored[2] and stored[2] ~= '' then redis.call('HDEL', emails, stored[2]) end
    changes[5] = 'email'
    changes[6] = email
  end
  redis.call('HSET', head, unpack(changes))
  if email ~= '' then redis.call('HSET', emails, email, user) end
  if request then
    local record = ARGV[13] .. ' ' .. text(sequence) .. ' ' .. id
    if ARGV[14] == '' then redis.call('SET', request, record)
    else redis.call('SET', request, record, 'PX', ARGV[14]) end
  end
  return { 'appended', text(sequence) }
end

-- ARGV 2 first sequence, 3 last one, 4 most of them. Answers the texts of the events that are there.
local function read()
  local version = whole(redis.call('HGET', KEYS[2], 'version'), 'version')
  local first = tonumber(ARGV[2])
  local last = math.min(tonumber(ARGV[3]), version, first + tonumber(ARGV[4]) - 1)
  local events = {}
  for sequence = first, last do
    local stored = redis.call('HGET', KEYS[2], text(sequence))
    local place = stored and string.match(stored, '^%d+')
    local entries = place and redis.call('XRANGE', KEYS[1], place .. '-0', place .. '-0') or {}
    if entries[1] then events[#events + 1] = entries[1][2][2] end
  end
  return events
end

-- ARGV 2 subscriber, 3 position.
local function move()
  local before = whole(redis.call('HGET', KEYS[1], ARGV[2]), 'cursor')
  if tonumber(ARGV[3]) > before then redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) end
  return { 'moved' }
end

-- ARGV 2 owner, 3 ms.
local function hold()
  local owner = redis.call('GET', KEYS[1])
  if owner and owner ~= ARGV[2] then return { 'held' } end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return { 'holds' }
end

local operations = { ['load'] = function() end, append = append, read = read, move = move, hold = hold }
return operations[ARGV[1]]()
`;
