-- How an alert gets a request: an intent of its own, or a place in a window.
--- @include "lib/judgements.lua"
--- @include "lib/intents.lua"
--- @include "lib/members.lua"
--- @uses source, lease, bounds

local FULL = { 'full', '', '', '', '', '', '', '', '' }

local function hasBufferRoom(origin)
  if totalOf(KEYS[8], 'total') >= bounds.buffered then return false end
  return totalOf(KEYS[8], 'of:' .. origin) < bounds.bufferedOfNamespace and totalOf(KEYS[8], 'from:' .. source) < bounds.bufferedOfSource
end

local function hasRoomFor(alert) return hasIntentRoom(alert.namespace, source, bounds.intents, bounds.intentsOfSource) end
local function known(episode, alert) return episode or create(alert.key, '', alert.fingerprint, alert.namespace) end

local function open(former, alert, intent, reason)
  if not hasRoomFor(alert) then return FULL end
  local episode = known(former, alert)
  local count = math.max(1, increase(episode, alert))
  leave(episode)
  episode.source = source
  begin(episode, intent, count, now + lease)
  episode.tries = 1
  fire(episode, alert)
  bump('owed', 1)
  bump('deduplication_misses', 1)
  return { 'ensure', reason, 'cache', occurrences(episode), intent, '', '', '', episode.subject }, episode
end

local function joinIn(former, alert, window)
  local episode = known(former, alert)
  local count = math.max(1, increase(episode, alert))
  leave(episode)
  bump('owed', 1)
  join(window, episode, alert.target, count, alert.urgency)
  episode.source = source
  fire(episode, alert)
  bump('deduplication_misses', 1)
  return episode
end
