import { EPISODE_LIFE_MS, MEMBERS_MAX } from "../../../domain/ledger-limits.ts";

/** Defines `load`, `save`, `fresh`, `create`, `remember`, `occurrences` for records. Needs `text`. */
export const episodes = `
-- What a request is kept for: a fingerprint's record is a hash of its own, a window's lies in the hash of its group, its fields behind
-- '<window>:'. Numbers are kept as decimal text and nil as ''. A fingerprint's holds draft too, and per member firing:<instance> -> startsAt,
-- resolved:<instance> -> startsAt|at, events:<uid> -> count; who fires outlives the episode.
local WORDS = { 'state', 'intent', 'subject', 'origin', 'ns', 'name', 'uid', 'rv', 'found', 'gone', 'confirmed', 'session', 'overflow',
  'takenBack', 'lost', 'buffered', 'window', 'target', 'steps', 'alertname', 'expired', 'showsClosed', 'next' }
local NUMBERS = { 'intentAt', 'tries', 'checkedAt', 'checkUntil', 'liveAt', 'count', 'others', 'first', 'last', 'resolvedAt', 'written',
  'writtenResolvedAt', 'recordedAt', 'firing', 'resolved', 'events', 'seq', 'threshold', 'firstRequest', 'joinMs', 'maxMs', 'alertsMax', 'size',
  'openedAt', 'dueAt', 'carried', 'listed', 'listedMembers', 'adoptedMembers', 'closedAt', 'overAt' }
-- A fingerprint has the first of each only.
local OWN_WORDS, OWN_NUMBERS = 19, 17

local own = { [WORDS] = {}, [NUMBERS] = {} }
for i = 1, OWN_WORDS do own[WORDS][i] = WORDS[i] end
for i = 1, OWN_NUMBERS do own[NUMBERS][i] = NUMBERS[i] end

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
  if busy then redis.call('PERSIST', episode.key) else redis.call('PEXPIRE', episode.key, ${EPISODE_LIFE_MS}) end
end

-- What an episode begins with.
local function fresh(record, state, intent, count)
  record.state, record.intent, record.intentAt, record.tries = state, intent, now, 0
  record.ns, record.name, record.uid, record.rv, record.found, record.gone = '', '', '', '', '', ''
  record.confirmed, record.session, record.takenBack, record.lost, record.buffered, record.window, record.target = '', '', '', '', '', '', ''
  record.checkedAt, record.checkUntil, record.liveAt, record.recordedAt = 0, 0, 0, 0
  record.count, record.others, record.first, record.last = count, 0, now, now
  record.resolvedAt, record.written, record.writtenResolvedAt = nil, 0, nil
end

-- Sets a member of one of the three bounded groups; false where there is no room.
local function remember(episode, group, id, value)
  local field = group .. ':' .. id
  if redis.call('HEXISTS', episode.key, field) == 0 then
    if episode[group] >= ${MEMBERS_MAX} then return false end
    episode[group] = episode[group] + 1
  end
  redis.call('HSET', episode.key, field, value)
  return true
end

local function occurrences(episode) return episode and text(episode.count + episode.others) or '0' end`;
