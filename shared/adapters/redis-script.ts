/**
 * The script behind every operation of the store on Redis: what shared/simulator/store-operation.ts specifies, in Lua.
 *
 * Atomic in isolation is not atomic in rollback: what a script wrote before it failed stays written. So everything is
 * read, by the command of the type that is expected, before the first write; a key of another type, or a number that is
 * none, ends the script while nothing has changed.
 *
 * Lua computes in doubles and prints 14 digits, so numbers are written by `text`: 17 digits bring the same double back,
 * and whole numbers below 2^53 stay plain digits.
 */

/**
 * KEYS: the user's journal (list), if it is kept; the subject, which is the model (hash), the open handlers (list) or the
 * quarantine (hash), if any; the event's idempotency key (string), if any. ARGV 1: the operation, or `load`, which only
 * brings the script into the server; whether it is journalled (0 or 1); and what is the same in many calls, all in one
 * value, since a value costs both sides more than a letter does. The rest by operation, as redis-call.ts lists it.
 * Answers one text: outcome, version before and whether the idempotency key was there (0 or 1), both of `apply` alone, and
 * of what is journalled the length of the user's journal after the step and the entry that it appended, if it did.
 */
export const STORE_SCRIPT = `
local name, flag, settings = string.match(ARGV[1], '^(%S+) (%d) ?(.*)$')
local isJournalled = flag == '1'
local journal, subject, marker = KEYS[1], KEYS[isJournalled and 2 or 1], KEYS[#KEYS]
local length, appended = 0, ''

local function text(number)
  return string.format('%.17g', number)
end

local function numberOf(stored, name)
  if not stored then return 0 end
  local number = tonumber(stored)
  if not number then error({ err = 'DATA ' .. name .. ' is no number in ' .. subject }) end
  return number
end

local function readJournal()
  if isJournalled then length = redis.call('LLEN', journal) end
end

-- The store's own time, in milliseconds, closes every entry.
local function append(facts)
  if not isJournalled then return end
  local now = redis.call('TIME')
  appended = ' [' .. facts .. ',' .. text(now[1] * 1000 + math.floor(now[2] / 1000)) .. ']'
  length = redis.call('RPUSH', journal, string.sub(appended, 2))
end

local function reply(outcome, version, isMarked)
  local facts = outcome .. ' ' .. version .. ' ' .. (isMarked and 1 or 0)
  if not isJournalled then return facts end
  return facts .. ' ' .. length .. appended
end

local function setMarker(sequence, ttlMs)
  if ttlMs == '' then redis.call('SET', marker, sequence)
  else redis.call('SET', marker, sequence, 'PX', ttlMs) end
end

local function decide(guard, sequence, id, version, lastId, isMarked)
  local due = tonumber(sequence)
  if guard == 'none' then return 'applied' end
  if guard == 'marker' then return isMarked and 'duplicate' or 'applied' end
  if guard == 'newer' then return due > version and 'applied' or 'stale' end
  if due == version + 1 then return 'applied' end
  if due > version then return 'gap' end
  return due == version and id ~= lastId and 'conflict' or 'duplicate'
end

-- Settings: guard, whether the key is set (0 or 1), its ms to live. ARGV 2 sequence, 3 event id, 4 digest, 5 head of the
-- entry, 6 added to the balance, 7… fields and values.
local function apply()
  local guard, setsMarker, ttlMs = string.match(settings, '^(%S+) (%d) ?(%d*)$')
  local sequence, id, digest, head, added = unpack(ARGV, 2, 6)
  local stored = redis.call('HMGET', subject, 'sequence', 'lastId', 'chain', 'balance')
  local version = numberOf(stored[1], 'sequence')
  local chain = numberOf(stored[3], 'chain')
  local balance = numberOf(stored[4], 'balance')
  local isMarked = redis.call('GET', marker) and true or false
  readJournal()
  local outcome = decide(guard, sequence, id, version, stored[2], isMarked)
  if outcome == 'applied' then
    local nextChain = text(math.fmod(chain * 1000003 + tonumber(digest) + 1, 2147483647))
    local changes = { 'sequence', sequence, 'lastId', id, 'chain', nextChain }
    if added ~= '' then
      changes[7] = 'balance'
      changes[8] = text(balance + tonumber(added))
    end
    for index = 7, #ARGV do changes[#changes + 1] = ARGV[index] end
    redis.call('HSET', subject, unpack(changes))
    append(head .. ',' .. text(version) .. ',' .. nextChain)
    if setsMarker == '1' and not isMarked then setMarker(sequence, ttlMs) end
  end
  return reply(outcome, text(version), isMarked)
end

local function checkMarker()
  local kept = redis.call('GET', marker)
  readJournal()
  return reply(kept and 'present' or 'absent', 0)
end

-- ARGV 2 sequence, 3 ms to live.
local function claimMarker()
  local kept = redis.call('GET', marker)
  readJournal()
  if kept then return reply('present', 0) end
  setMarker(ARGV[2], ARGV[3])
  return reply('absent', 0)
end

-- ARGV 2 sequence, 3 ms to live.
local function putMarker()
  redis.call('GET', marker)
  readJournal()
  setMarker(ARGV[2], ARGV[3])
  return reply('present', 0)
end

-- ARGV 2 owner. Owners are kept as JSON text, so that the journal can quote them.
local function beginHandler()
  local others = {}
  for _, owner in ipairs(redis.call('LRANGE', subject, 0, -1)) do
    if owner ~= ARGV[2] then others[#others + 1] = owner end
  end
  readJournal()
  redis.call('LREM', subject, 0, ARGV[2])
  redis.call('RPUSH', subject, ARGV[2])
  append('"begin",' .. ARGV[2] .. ',[' .. table.concat(others, ',') .. ']')
  return reply('noted', 0)
end

-- ARGV 2 owner. Owners stand in the order of their begins.
local function endHandler()
  local isOpen = redis.call('LPOS', subject, ARGV[2])
  local isOverlapped = isOpen and redis.call('LINDEX', subject, -1) ~= ARGV[2]
  readJournal()
  redis.call('LREM', subject, 0, ARGV[2])
  append('"end",' .. ARGV[2])
  return reply(isOverlapped and 'overlapped' or 'noted', 0)
end

-- ARGV 2 message id, 3 reason. The count before it keeps the order, which a hash forgets.
local function keepAside()
  local count = redis.call('HLEN', subject)
  readJournal()
  if redis.call('HEXISTS', subject, ARGV[2]) == 0 then redis.call('HSET', subject, ARGV[2], count .. ' ' .. ARGV[3]) end
  return reply('noted', 0)
end

local operations = {
  ['load'] = function() end,
  ['apply'] = apply,
  ['check-marker'] = checkMarker,
  ['claim-marker'] = claimMarker,
  ['set-marker'] = putMarker,
  ['begin-handler'] = beginHandler,
  ['end-handler'] = endHandler,
  ['quarantine'] = keepAside,
}
return operations[name]()
`;
