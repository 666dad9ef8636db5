-- How an alert gets a request: an intent of its own, or a place in a window.
--- @include "lib/judgements.lua"
--- @include "lib/intents.lua"
--- @include "lib/members.lua"
--- @uses source, lease, intentsMax, bufferedMax, bufferedOfMax

local FULL = { 'full', '', '', '', '', '', '', '', '' }

local function hasBufferRoom(origin)
  return totalOf(KEYS[8], 'total') < bufferedMax and totalOf(KEYS[8], 'of:' .. origin) < bufferedOfMax
end

local function known(episode, alert) return episode or create(alert.key, '', alert.fingerprint, alert.namespace) end

local function open(former, alert, intent, reason)
  if not hasIntentRoom(alert.namespace, intentsMax) then return FULL end
  local episode = known(former, alert)
  local count = math.max(1, increase(episode, alert))
  leave(episode)
  begin(episode, intent, count, now + lease)
  episode.tries, episode.source = 1, source
  fire(episode, alert)
  bump('deduplication_misses', 1)
  return { 'ensure', reason, 'cache', occurrences(episode), intent, '', '', '', episode.subject }, episode
end

local function joinIn(former, alert, window)
  local episode = known(former, alert)
  local count = math.max(1, increase(episode, alert))
  leave(episode)
  join(window, episode, alert.target, count, alert.urgency)
  episode.source = source
  fire(episode, alert)
  bump('deduplication_misses', 1)
  return episode
end
