/**
 * The script behind the event store on Redis: what shared/simulator/event-store.ts specifies, in Lua.
 *
 * One call takes a batch of appends that stand for themselves: each is decided after the ones before it, and gets its own
 * answer. What a call into the server costs is paid once for all of them: heads, e-mails and request records are read
 * together, kept in tables while the appends are decided, and written together. As in redis-script.ts every key is read
 * by the command of the type that is expected before the first write: a batch that fails has changed nothing.
 */

/** Values of one append, in ARGV. */
export const APPEND_VALUE_COUNT = 10;

/**
 * KEYS of `append`: 1 log (stream, entry N has the id N-0), 2 heads (hash by user: `version email`), 3 places (hash by `user
 * sequence`: `place eventId`), 4 index of e-mails (hash), 5 cursors (hash), from 6 on request records (string), one of
 * each append that has one. Of `read`: 1, 2 and 3. Of `move`: 1 cursors. Of `hold`: 1 the hold (string). ARGV 1: the
 * operation, or `load`, which only brings the script into the server.
 */
export const APPEND_SCRIPT = `
local call, match = redis.call, string.match

local function whole(stored, name)
  if not stored then return 0 end
  local number = tonumber(stored)
  if not number then error({ err = 'DATA ' .. name .. ' is no number' }) end
  return number
end

local function text(number)
  return string.format('%d', number)
end

-- What stands under these names of a hash, or under these keys: name to value, false where there is none.
local function known(names, ...)
  local found, stored = {}, {}
  if #names > 0 then stored = call(...) end
  for index, name in ipairs(names) do found[name] = stored[index] end
  return found
end

-- ARGV 2 most entries that may wait, 3 name of the relay; then of each append: 1 guard, 2 version read, 3 event id, 4 user,
-- 5 the event's text, 6 facts for the history, 7 e-mail that is claimed or nothing, 8 1 when the old e-mail is given
-- back, 9 fingerprint of the request or nothing, 10 its ms to live. Answers a text for each: the outcome and what belongs to it.
local function append()
  local log, heads, places, emails, cursors = unpack(KEYS, 1, 5)
  local users, claims, requests = {}, {}, { unpack(KEYS, 6) }
  for at = 4, #ARGV, ${APPEND_VALUE_COUNT} do
    users[#users + 1] = ARGV[at + 3]
    if ARGV[at + 6] ~= '' then claims[#claims + 1] = ARGV[at + 6] end
  end
  local headOf = known(users, 'HMGET', heads, unpack(users))
  local ownerOf = known(claims, 'HMGET', emails, unpack(claims))
  local recordOf = known(requests, 'MGET', unpack(requests))
  -- MGET gives nothing for a key of another type, and SET would replace it.
  local kept = 0
  for _, key in ipairs(requests) do if recordOf[key] then kept = kept + 1 end end
  if #requests > 0 and call('EXISTS', unpack(requests)) ~= kept then error({ err = 'DATA no request record' }) end
  call('HLEN', places)
  local length = call('XLEN', log)
  local room = tonumber(ARGV[2]) - length + whole(call('HGET', cursors, ARGV[3]), 'cursor')
  local placeOf, headChanges, placeChanges, moved = {}, {}, {}, {}

  local function decide(at, request)
    local guard, readVersion, id, user, event, facts, email, releases, fingerprint, ttlMs = unpack(ARGV, at, at + 9)
    local record, head = recordOf[request], headOf[user]
    if record then
      local kept, sequence, eventId = match(record, '^(%S+) (%d+) (.*)$')
      if not kept then return 'invalid no request record' end
      if kept ~= fingerprint then return 'request-reused' end
      return 'replayed ' .. sequence .. ' ' .. eventId
    end
    local version, held = 0, ''
    if head then
      version, held = match(head, '^(%d+) (.*)$')
      if not version then return 'invalid no head of a stream' end
      version = tonumber(version)
    end
    local sequence = readVersion + 1
    local due = text(sequence)
    if guard == 'expected' and version ~= sequence - 1 then
      local place = placeOf[user .. ' ' .. due] or call('HGET', places, user .. ' ' .. due)
      if place and match(place, '^%d+ (.*)$') == id then return 'appended ' .. due end
      return 'version-conflict ' .. text(version)
    end
    local owner = ownerOf[email]
    if owner and owner ~= user then return 'email-taken ' .. owner end
    if room <= 0 then return 'outbox-full' end
    if guard == 'blind' then
      sequence = version + 1
      due = text(sequence)
      event = string.gsub(event, '"sequence":%d+', '"sequence":' .. due, 1)
    end
    room, length = room - 1, length + 1
    local place = text(length)
    call('XADD', log, place .. '-0', 'e', event, 'f', facts)
    if releases == '1' then
      if held ~= '' then
        ownerOf[held] = false
        moved[held] = true
      end
      held = email
    end
    if email ~= '' then
      ownerOf[email] = user
      moved[email] = true
    end
    head = text(math.max(version, sequence)) .. ' ' .. held
    headOf[user] = head
    headChanges[#headChanges + 1] = user
    headChanges[#headChanges + 1] = head
    local name = user .. ' ' .. due
    place = place .. ' ' .. id
    placeOf[name] = place
    placeChanges[#placeChanges + 1] = name
    placeChanges[#placeChanges + 1] = place
    if request ~= '' then
      record = fingerprint .. ' ' .. due .. ' ' .. id
      recordOf[request] = record
      if ttlMs == '' then call('SET', request, record) else call('SET', request, record, 'PX', ttlMs) end
    end
    return 'appended ' .. due
  end

  local answers, requestIndex = {}, 0
  for at = 4, #ARGV, ${APPEND_VALUE_COUNT} do
    local request = ''
    if ARGV[at + 8] ~= '' then
      requestIndex = requestIndex + 1
      request = requests[requestIndex]
    end
    answers[#answers + 1] = decide(at, request)
  end
  if #headChanges > 0 then
    call('HSET', heads, unpack(headChanges))
    call('HSET', places, unpack(placeChanges))
  end
  local claimed = {}
  for email in pairs(moved) do
    if ownerOf[email] then
      claimed[#claimed + 1] = email
      claimed[#claimed + 1] = ownerOf[email]
    else
      call('HDEL', emails, email)
    end
  end
  if #claimed > 0 then call('HSET', emails, unpack(claimed)) end
  return answers
end

-- ARGV 2 user, 3 first sequence, 4 last one, 5 most of them. Answers the texts of the events that are there.
local function read()
  local head = call('HGET', KEYS[2], ARGV[2])
  local version = whole(head and match(head, '^%S+'), 'version')
  local first = tonumber(ARGV[3])
  local last = math.min(tonumber(ARGV[4]), version, first + tonumber(ARGV[5]) - 1)
  local events = {}
  for sequence = first, last do
    local stored = call('HGET', KEYS[3], ARGV[2] .. ' ' .. text(sequence))
    local place = stored and match(stored, '^%d+')
    local entries = place and call('XRANGE', KEYS[1], place .. '-0', place .. '-0') or {}
    if entries[1] then events[#events + 1] = entries[1][2][2] end
  end
  return events
end

-- ARGV 2 subscriber, 3 position.
local function move()
  local before = whole(call('HGET', KEYS[1], ARGV[2]), 'cursor')
  if tonumber(ARGV[3]) > before then call('HSET', KEYS[1], ARGV[2], ARGV[3]) end
  return { 'moved' }
end

-- ARGV 2 owner, 3 ms.
local function hold()
  local owner = call('GET', KEYS[1])
  if owner and owner ~= ARGV[2] then return { 'held' } end
  call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return { 'holds' }
end

local operations = { ['load'] = function() end, append = append, read = read, move = move, hold = hold }
return operations[ARGV[1]]()
`;
