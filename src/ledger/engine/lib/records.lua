-- What a request is kept for: a fingerprint's record is a hash of its own, a window's lies in the hash of its group, its fields behind
-- '<window>:'. Numbers are kept as decimal text and nil as ''. A fingerprint's holds draft too, and per member
-- firing:<instance> -> startsAt, resolved:<instance> -> startsAt|at, events:<uid> -> count|last|noted; who fires outlives the episode.
--- @include "lib/time.lua"
--- @include "lib/capped.lua"

local WORDS = { 'state', 'intent', 'subject', 'origin', 'ns', 'name', 'uid', 'rv', 'found', 'gone', 'confirmed', 'session', 'overflow',
  'takenBack', 'lost', 'buffered', 'window', 'target', 'steps', 'source', 'letter', 'trouble', 'retriedBy', 'without', 'group', 'answers',
  'alertname', 'expired', 'showsClosed', 'next', 'again', 'passed' }
local NUMBERS = { 'intentAt', 'tries', 'checkedAt', 'checkUntil', 'liveAt', 'count', 'others', 'first', 'last', 'resolvedAt', 'written',
  'writtenResolvedAt', 'recordedAt', 'firing', 'resolved', 'events', 'seq', 'letterAt', 'diedAt', 'replayedAt', 'urgency',
  'writtenUrgency', 'threshold',
  'firstRequest', 'joinMs', 'maxMs', 'alertsMax', 'size', 'openedAt', 'dueAt', 'carried', 'listed', 'listedMembers',
  'adoptedMembers', 'closedAt', 'overAt', 'joinedAt', 'apart' }
-- A fingerprint has the first 26 and 22 of them only.
local own = { [WORDS] = {}, [NUMBERS] = {} }
for i = 1, 26 do own[WORDS][i] = WORDS[i] end
for i = 1, 22 do own[NUMBERS][i] = NUMBERS[i] end

local function fieldsOf(names, at)
  if at == '' then return own[names] end
  local fields = {}
  for i, name in ipairs(names) do fields[i] = at .. name end
  return fields
end

-- at: '' or '<window>:'.
local function load(key, at)
  local words = redis.call('HMGET', key, unpack(fieldsOf(WORDS, at)))
  if not words[1] then return nil end
  local numbers = redis.call('HMGET', key, unpack(fieldsOf(NUMBERS, at)))
  local record = { key = key, at = at }
  for i, word in ipairs(words) do record[WORDS[i]] = word or '' end
  for i, number in ipairs(numbers) do record[NUMBERS[i]] = tonumber(number or '') end
  -- What is stored may be beyond the bound by what one call added, and by any number where the version before did.
  for _, name in ipairs({ 'count', 'others', 'written' }) do record[name] = record[name] and capped(record[name]) end
  return record
end

local function create(key, at, subject, origin)
  local record = { key = key, at = at, count = 0, others = 0, firing = 0, resolved = 0, events = 0, seq = 0 }
  for _, field in ipairs(WORDS) do record[field] = '' end
  record.state, record.subject, record.origin = 'ended', subject, origin
  return record
end

local function write(record)
  local flat = {}
  for _, names in ipairs({ WORDS, NUMBERS }) do
    for i, field in ipairs(fieldsOf(names, record.at)) do
      local value = record[names[i]]
      flat[#flat + 1] = field
      flat[#flat + 1] = value and (names == WORDS and value or text(value)) or ''
    end
  end
  redis.call('HSET', record.key, unpack(flat))
end

-- busy: something still has to be done about it, so it must not expire.
local function save(episode, busy)
  write(episode)
  if busy then redis.call('PERSIST', episode.key)
  else redis.call('PEXPIRE', episode.key, episode.letter == '' and EPISODE_LIFE_MS or 2 * DEAD_LETTER_LIFE_MS) end
end
