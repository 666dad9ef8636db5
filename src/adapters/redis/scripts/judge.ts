/** Defines `settled`, `growth`, `increase`, `fire`, `counted`. Needs episode rules and deliveries. */
export const judgements = `
-- Verdicts: verdict, reason, rung, occurrences, intent, namespace, name, uid, subject; with them goes the episode to save.
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
  if not alert.shared then return 1 end
  if seenEntry(alert.counted) then return 0 end
  see(alert.counted, '', '', '', '')
  return 1
end

-- Notes who fires, and what a request would be made from if this one ended before the alert came in.
local function fire(episode, alert)
  if not remember(episode, 'firing', alert.instance, text(alert.startsAt)) then episode.overflow = '1' end
  if alert.eventUid ~= '' then remember(episode, 'events', alert.eventUid, text(alert.eventCount)) end
  redis.call('HSET', episode.key, 'draft', alert.body)
end

local function counted(episode, alert, outcome, reason, rung)
  local by, window = increase(episode, alert), windowOf(episode)
  if window then
    if episode.resolvedAt then window.firing = window.firing + 1 end
    countOn(window, by)
  end
  episode.count = episode.count + by
  -- A look that this call brought along was made after the alert had come in.
  episode.last = rung == 'kubernetes' and math.max(episode.last, (window or episode).liveAt or 0) or now
  episode.resolvedAt = nil
  fire(episode, alert)
  queueCount(episode)
  bump(outcome == 'quarantined' and outcome or 'deduplication_hits', 1)
  return settled(episode, outcome, reason, rung)
end`;

/** Defines `judgeFiring` and `judgeResolved`. Needs judgements, placing and judgeDead. */
export const judge = `
-- A storm is resolved when its last member is.
local function calm(window)
  window.firing = window.firing - 1
  if window.firing > 0 then return end
  window.resolvedAt = now
  queueCount(window)
end

local function judgeResolved(alert)
  local episode = load(alert.key, '')
  if not episode then return settled(nil, 'ignored', 'no-request', 'cache') end
  local firingSince = tonumber(redis.call('HGET', episode.key, 'firing:' .. alert.instance) or '')
  -- The same instance has fired again already; this resolve speaks of the time before.
  if firingSince and firingSince > alert.startsAt then return settled(episode, 'ignored', 'late', 'cache') end
  if firingSince then
    redis.call('HDEL', episode.key, 'firing:' .. alert.instance)
    episode.firing = episode.firing - 1
  end
  remember(episode, 'resolved', alert.instance, text(alert.startsAt) .. '|' .. text(now))
  if episode.firing > 0 or episode.overflow ~= '' then return settled(episode, 'ignored', 'other-instances-firing', 'cache') end
  local window = windowOf(episode)
  if window and window.state == 'waiting' then
    -- Nobody has to repair what is over before a request was made.
    leave(episode)
    episode.window, episode.resolvedAt = '', now
    return settled(episode, 'cancelled', 'last-instance-resolved', 'cache')
  end
  if window and not episode.resolvedAt then calm(window) end
  episode.resolvedAt = episode.resolvedAt or now
  queueCount(episode)
  return settled(episode, 'resolved', 'last-instance-resolved', 'cache')
end

local function judgeLive(record, episode, alert, intent)
  local rung = standing(record, alert)
  if rung == 'check' then return ask(record) end
  if rung ~= 'unknown' then return counted(episode, alert, 'duplicate', 'request-live', rung) end
  if now - record.intentAt < fallbackTtl then return counted(episode, alert, 'duplicate', 'within-fallback-time', 'time') end
  return enter(episode, alert, intent, 'state-unknown')
end

local function judgeFiring(alert, intent)
  local episode = load(alert.key, '')
  if not episode then return enter(nil, alert, intent, 'new') end
  local startsAt, at = string.match(redis.call('HGET', episode.key, 'resolved:' .. alert.instance) or '', '^(-?%d+)|(%d+)$')
  if at and tonumber(startsAt) >= alert.startsAt and now - tonumber(at) < deliveryTtl then return settled(episode, 'ignored', 'late', 'cache') end
  local record = windowOf(episode) or episode
  local over = record.state == 'ended' or record.state == 'held' or record.state == 'dead'
  if alert.eventUid ~= '' and growth(episode, alert) == 0 then
    return settled(episode, over and 'ignored' or 'duplicate', 'event-already-counted', 'cache')
  end
  if record.state == 'waiting' then return counted(episode, alert, 'buffered', 'waits-in-window', 'cache') end
  if record.state == 'pending' then return counted(episode, alert, 'duplicate', 'request-pending', 'cache') end
  if record.state == 'dead' and hasLetter(record) then return judgeDead(episode, alert) end
  if over then return enter(episode, alert, intent, 'request-ended') end
  return judgeLive(record, episode, alert, intent)
end`;
