/**
 * The script behind the event store on Redis: what shared/simulator/event-store.ts specifies, in Lua.
 *
 * One call takes a batch of appends that stand for themselves: each is decided after the ones before it, and gets its own
 * answer. What a call into the server costs is paid once for all of them: heads, e-mails and request records are read
 * together, kept in tables while the appends are decided, and written together. As in redis-script.ts every key is read
 * by the command of the type that is expected before the first write: a batch that fails has changed nothing.
 */

/** Values of the batch before those of its appends, and values of one append, in ARGV; with an epoch that is checked it has more. */
export const BATCH_VALUE_COUNT = 5;
export const APPEND_VALUE_COUNT = 6;
export const FENCED_VALUE_COUNT = 8;
/** Values of a batch with epochs before those of its appends. */
export const FENCED_BATCH_VALUE_COUNT = 6;

/** The field of owners that says in which incarnation the store was seeded. No shard is called so. */
export const SEEDED_FIELD = '\n';

/** Stands where an e-mail is claimed when one is only given back. JSON has no such text. */
export const GIVEN_BACK = '\n';

/**
 * KEYS of `append`: 1 log (stream, entry N has the id N-0), 2 heads (hash by user: `version email`), 3 places (hash by `user
 * sequence`: `place eventId`), 4 index of e-mails (hash), 5 cursors (hash), from 6 on request records (string), one of
 * each append that has one. Of `append-fenced` the same, and the last one is owners (hash by shard: `epoch owner`). Of `read`:
 * 1, 2 and 3. Of `move`: 1 cursors, 2 log. Of `hold`: 1 the hold (string). Of `grant`: 1 log, 2 owners, 3 grants (list). ARGV 1:
 * the operation, or `load`, which only brings the script into the server.
 *
 * Every value, every call and every text that is made costs about as much as a step of XADD itself, so there are as few of
 * each as will do.
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
  local found, count = {}, #names
  if count == 0 then return found end
  local stored = call(...)
  for index = 1, count do found[names[index]] = stored[index] end
  return found
end

-- ARGV 2 most entries that may wait, 3 name of the relay, 4 guard, 5 ms that request records live or nothing; then of each
-- append: 1 event id, 2 user, 3 sequence, 4 the event's text and behind a line's end the facts for the history, 5 e-mail
-- that is claimed, or a line's end where the old one is given back, or nothing, 6 fingerprint of the request or nothing;
-- where epochs are checked also 7 shard, 8 what must stand there: the epoch and its owner. There ARGV 6 of the batch is the
-- incarnation in which the store must have been seeded, or nothing.
-- Answers a text for each: the outcome and what belongs to it.
local function appendAll(start, stride, owners)
  local log, heads, places, emails, cursors = unpack(KEYS, 1, 5)
  local guard, ttlMs, givenBack = ARGV[4], ARGV[5], '\\n'
  local users, claims, requests = {}, {}, { unpack(KEYS, 6, owners and #KEYS - 1 or #KEYS) }
  local userCount, claimCount, requestCount = 0, 0, #requests
  local shards = {}
  for at = start, #ARGV, stride do
    userCount = userCount + 1
    users[userCount] = ARGV[at + 1]
    if owners then shards[userCount] = ARGV[at + 6] end
    local email = ARGV[at + 4]
    if email ~= '' and email ~= givenBack then
      claimCount = claimCount + 1
      claims[claimCount] = email
    end
  end
  local headOf = known(users, 'HMGET', heads, unpack(users))
  local ownerOf = known(claims, 'HMGET', emails, unpack(claims))
  local recordOf = known(requests, 'MGET', unpack(requests))
  if owners then shards[userCount + 1] = '\\n' end
  local grantOf = known(shards, 'HMGET', owners, unpack(shards))
  local isUnseeded = owners and ARGV[6] ~= '' and grantOf['\\n'] ~= ARGV[6]
  -- MGET gives nothing for a key of another type, and SET would replace it.
  local kept = 0
  for index = 1, requestCount do if recordOf[requests[index]] then kept = kept + 1 end end
  if requestCount > 0 and call('EXISTS', unpack(requests)) ~= kept then error({ err = 'DATA no request record' }) end
  call('HLEN', places)
  local length = call('XLEN', log)
  local room = tonumber(ARGV[2]) - length + whole(call('HGET', cursors, ARGV[3]), 'cursor')
  local headChanges, placeChanges, changeCount, moved, movedCount = {}, {}, 0, {}, 0

  -- The latest of this batch, or what was there before it.
  local function placeAt(name)
    for index = changeCount - 1, 1, -2 do
      if placeChanges[index] == name then return placeChanges[index + 1] end
    end
    return call('HGET', places, name)
  end

  local function own(email, user)
    ownerOf[email] = user
    movedCount = movedCount + 1
    moved[movedCount] = email
  end

  local function decide(at, request)
    local id, user, due, entry, email, fingerprint = unpack(ARGV, at, at + 5)
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
    local sequence = tonumber(due)
    local isMet = guard == 'expected' and version ~= sequence - 1
    if isMet then
      local place = placeAt(user .. ' ' .. due)
      if place and match(place, '^%d+ (.*)$') == id then return 'appended' end
    end
    if owners then
      if isUnseeded then return 'unseeded' end
      local granted = grantOf[ARGV[at + 6]]
      if granted ~= ARGV[at + 7] then return 'stale-epoch ' .. (granted and match(granted, '^%d+') or '0') end
    end
    if isMet then return 'version-conflict ' .. text(version) end
    local owner = ownerOf[email]
    if owner and owner ~= user then return 'email-taken ' .. owner end
    if room <= 0 then return 'outbox-full' end
    if guard == 'blind' then
      sequence = version + 1
      due = text(sequence)
      entry = string.gsub(entry, '"sequence":%d+', '"sequence":' .. due, 1)
    end
    room, length = room - 1, length + 1
    local place = text(length)
    call('XADD', log, place, 'e', entry)
    if email ~= '' then
      if held ~= '' then own(held, false) end
      held = ''
      if email ~= givenBack then
        held = email
        own(email, user)
      end
    end
    head = (version > sequence and text(version) or due) .. ' ' .. held
    headOf[user] = head
    headChanges[changeCount + 1] = user
    headChanges[changeCount + 2] = head
    placeChanges[changeCount + 1] = user .. ' ' .. due
    placeChanges[changeCount + 2] = place .. ' ' .. id
    changeCount = changeCount + 2
    if request ~= '' then
      record = fingerprint .. ' ' .. due .. ' ' .. id
      recordOf[request] = record
      if ttlMs == '' then call('SET', request, record) else call('PSETEX', request, ttlMs, record) end
    end
    return guard == 'blind' and 'appended ' .. due or 'appended'
  end

  local answers, answerCount, requestIndex = {}, 0, 0
  for at = start, #ARGV, stride do
    local request = ''
    if ARGV[at + 5] ~= '' then
      requestIndex = requestIndex + 1
      request = requests[requestIndex]
    end
    answerCount = answerCount + 1
    answers[answerCount] = decide(at, request)
  end
  if changeCount > 0 then
    call('HSET', heads, unpack(headChanges))
    call('HSET', places, unpack(placeChanges))
  end
  local claimed, claimedCount = {}, 0
  for index = 1, movedCount do
    local email = moved[index]
    if ownerOf[email] then
      claimed[claimedCount + 1] = email
      claimed[claimedCount + 2] = ownerOf[email]
      claimedCount = claimedCount + 2
    else
      call('HDEL', emails, email)
    end
  end
  if claimedCount > 0 then call('HSET', emails, unpack(claimed)) end
  return answers
end

local function append()
  return appendAll(${BATCH_VALUE_COUNT + 1}, ${APPEND_VALUE_COUNT}, nil)
end

local function appendFenced()
  return appendAll(${FENCED_BATCH_VALUE_COUNT + 1}, ${FENCED_VALUE_COUNT}, KEYS[#KEYS])
end

-- ARGV 2 user, 3 first sequence, 4 last one, 5 most of them. Answers the entries of the events that are there.
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
  local reached = math.min(tonumber(ARGV[3]), call('XLEN', KEYS[2]))
  if reached > before then call('HSET', KEYS[1], ARGV[2], text(reached)) end
  return { 'moved' }
end

-- ARGV 2 owner, 3 ms.
local function hold()
  local owner = call('GET', KEYS[1])
  if owner and owner ~= ARGV[2] then return { 'held' } end
  call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return { 'holds' }
end

-- ARGV 2 shard, 3 owner, 4 most grants that are remembered, 5 the incarnation in which the store must have been seeded, or nothing.
local function grant()
  local log, owners, grants = unpack(KEYS)
  if ARGV[5] ~= '' and call('HGET', owners, '\\n') ~= ARGV[5] then return { 'unseeded' } end
  local granted = call('HGET', owners, ARGV[2])
  local epoch = text(whole(granted and (match(granted, '^(%d+) ') or granted), 'epoch') + 1)
  local after = text(call('XLEN', log))
  call('LLEN', grants)
  call('HSET', owners, ARGV[2], epoch .. ' ' .. ARGV[3])
  call('RPUSH', grants, '[' .. epoch .. ',' .. after .. ',"' .. ARGV[2] .. '","' .. ARGV[3] .. '"]')
  call('LTRIM', grants, -tonumber(ARGV[4]), -1)
  return { epoch }
end

local operations = {
  ['load'] = function() end,
  append = append,
  ['append-fenced'] = appendFenced,
  read = read,
  move = move,
  hold = hold,
  grant = grant,
}
return operations[ARGV[1]]()
`;
