-- A watch that is alive would have told of any change, and lists everything anew from time to time, under another session.
--- @include "lib/counters.lua"
--- @include "lib/counts.lua"
--- @include "lib/flags.lua"
--- @include "lib/shared-keys.lua"
--- @uses bounds, lease, told

local function vouchedFor(record)
  local heartbeat = record.session ~= '' and tonumber(redis.call('HGET', KEYS[SHARED_KEY_COUNT + 3], record.session) or '')
  return heartbeat and now - heartbeat < SESSION_ALIVE_MS
end

-- How far a live state can be believed: a rung, 'check' where it takes a look that is this caller's, or 'unknown'.
local asking = {}
local function standing(record, alert)
  if lacks(alert, 'state-based-dedup') or alert.unreachable then return 'unknown' end
  if told[record.subject] then return 'kubernetes' end
  local vouched, asked = vouchedFor(record), now < record.checkUntil and not asking[record.subject]
  if not (vouched or asked or now - record.checkedAt < bounds.stateMs) then return 'check' end
  bump('state_cache_hits', 1)
  return vouched and 'relay' or 'cache'
end

-- Gives this caller the look at a request whose state is stale.
local function ask(record)
  if not asking[record.subject] then bump('state_cache_misses', 1) end
  asking[record.subject], record.checkUntil = true, now + lease
  keep(record)
  return { 'check', '', '', '', '', record.ns, record.name, record.uid, record.subject }
end
