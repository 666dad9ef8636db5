import { EPISODE_LIFE_MS, MEMBERS_MAX } from "../../../domain/ledger-limits.ts";

/** Defines `load`, `save`, `remember`, `occurrences` for a fingerprint's record, a hash. Needs `text`. */
export const episodes = `
-- A fingerprint's record. Numbers are kept as decimal text and nil as ''. Besides these fields it holds draft, and per member
-- firing:<instance> -> startsAt, resolved:<instance> -> startsAt|at, events:<uid> -> count; who fires outlives the episode.
local WORDS = { 'state', 'intent', 'fingerprint', 'origin', 'ns', 'name', 'uid', 'rv', 'found', 'gone', 'confirmed', 'session', 'overflow',
  'takenBack' }
local NUMBERS = { 'intentAt', 'tries', 'checkedAt', 'checkUntil', 'count', 'others', 'first', 'last', 'resolvedAt', 'written',
  'writtenResolvedAt', 'recordedAt', 'firing', 'resolved', 'events' }

local function load(key)
  local words = redis.call('HMGET', key, unpack(WORDS))
  if not words[1] then return nil end
  local numbers = redis.call('HMGET', key, unpack(NUMBERS))
  local episode = { key = key }
  for i, field in ipairs(WORDS) do episode[field] = words[i] or '' end
  for i, field in ipairs(NUMBERS) do episode[field] = tonumber(numbers[i] or '') end
  return episode
end

local function create(key, fingerprint, origin)
  local episode = { key = key, count = 0, others = 0, firing = 0, resolved = 0, events = 0 }
  for _, field in ipairs(WORDS) do episode[field] = '' end
  episode.state, episode.fingerprint, episode.origin = 'ended', fingerprint, origin
  return episode
end

-- busy: something still has to be done about it, so it must not expire.
local function save(episode, busy)
  local flat = {}
  for _, field in ipairs(WORDS) do flat[#flat + 1] = field; flat[#flat + 1] = episode[field] end
  for _, field in ipairs(NUMBERS) do
    flat[#flat + 1] = field
    flat[#flat + 1] = episode[field] and text(episode[field]) or ''
  end
  redis.call('HSET', episode.key, unpack(flat))
  if busy then redis.call('PERSIST', episode.key) else redis.call('PEXPIRE', episode.key, ${EPISODE_LIFE_MS}) end
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
