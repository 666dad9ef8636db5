-- Verdicts: verdict, reason, rung, occurrences, intent, namespace, name, uid, subject; with them goes the episode to save.
--- @include "lib/deliveries.lua"
--- @include "lib/members.lua"
--- @include "lib/counters.lua"
--- @uses deliveryTtl

local function settled(episode, outcome, reason, rung)
  if not episode then return { outcome, reason, rung, '0', '', '', '', '', '' } end
  local record = windowOf(episode) or episode
  return { outcome, reason, rung, occurrences(episode), '', record.ns, record.name, record.uid, '' }, episode
end

-- What is remembered of the alert's event: its count, its own last time and when that was noted. A version before kept the count alone.
-- Read once for an alert, as nothing but the alert's own decision changes it.
local function eventOf(episode, alert)
  if alert.known == nil then
    local held = redis.call('HGET', episode.key, 'events:' .. alert.eventUid)
    local count, last, at = string.match(held or '', '^(%d+)|?(%d*)|?(%d*)$')
    alert.known = held and { count = tonumber(count) or 1, last = tonumber(last) or 0, at = tonumber(at) or 0 }
  end
  return alert.known
end

-- How often an event has happened since it was last heard of: by the growth of its own count; the first sight of a uid is 1. Without a
-- count it has happened again where its last time is later. A count that was too high once must not silence what comes after: a lower
-- one is believed where the last time is later, or once the delivery time is over.
local function growth(episode, alert)
  local known, count = eventOf(episode, alert), alert.eventCount
  if not known then return 1 end
  if count and count >= known.count then return count - known.count end
  local isLater = alert.eventLast and alert.eventLast > known.last
  return (isLater or (count and now - known.at >= deliveryTtl)) and 1 or 0
end

-- An alert counts once a delivery, however many instances of its fingerprint that brings; an event by its growth.
local function increase(episode, alert)
  if alert.eventUid ~= '' then return growth(episode, alert) end
  if alert.repeated then return 0 end
  if not alert.shared then return 1 end
  if seenEntry(alert.counted) then return 0 end
  see(alert.counted, '', '', '', '')
  return 1
end

-- Notes who fires, how urgent it is, and what a request would be made from if this one ended before the alert came in.
local function fire(episode, alert)
  if not remember(episode, 'firing', alert.instance, text(alert.startsAt)) then episode.overflow = '1' end
  if alert.eventUid ~= '' then
    local known = eventOf(episode, alert) or { count = 1, last = 0 }
    local told = { text(alert.eventCount or known.count), text(alert.eventLast or known.last), text(now) }
    remember(episode, 'events', alert.eventUid, table.concat(told, '|'))
  end
  redis.call('HSET', episode.key, 'draft', alert.body)
  episode.urgency = higher(episode.urgency, alert.urgency)
end

local function counted(episode, alert, outcome, reason, rung)
  local by, window = increase(episode, alert), windowOf(episode)
  if window then
    if episode.resolvedAt then window.firing = window.firing + 1 end
    countOn(window, by, alert.urgency)
  end
  episode.count = episode.count + by
  -- A look that this call brought along was made after the alert had come in.
  episode.last = rung == 'kubernetes' and math.max(episode.last, (window or episode).liveAt or 0) or now
  episode.resolvedAt = nil
  fire(episode, alert)
  queueCount(episode)
  bump(outcome == 'quarantined' and outcome or 'deduplication_hits', 1)
  return settled(episode, outcome, reason, rung)
end
