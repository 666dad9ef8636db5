-- Verdicts: verdict, reason, rung, occurrences, intent, namespace, name, uid, subject; with them goes the episode to save.
--- @include "lib/deliveries.lua"
--- @include "lib/members.lua"
--- @include "lib/counters.lua"

local function settled(episode, outcome, reason, rung)
  if not episode then return { outcome, reason, rung, '0', '', '', '', '', '' } end
  local record = windowOf(episode) or episode
  return { outcome, reason, rung, occurrences(episode), '', record.ns, record.name, record.uid, '' }, episode
end

-- By how much an event's own count has grown; the first sight of a uid is 1.
local function growth(episode, alert)
  local known = tonumber(redis.call('HGET', episode.key, 'events:' .. alert.eventUid) or '')
  return known and math.max(0, alert.eventCount - known) or 1
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
  if alert.eventUid ~= '' then remember(episode, 'events', alert.eventUid, text(alert.eventCount)) end
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
