-- What becomes of an alert that fires or is resolved.
--- @include "lib/resolves.lua"
--- @include "lib/placing.lua"
--- @include "lib/judge-dead.lua"
--- @include "lib/flags.lua"
--- @uses deliveryTtl, bounds

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
    bump('settled:cancelled', 1)
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
  if now - record.intentAt < bounds.fallbackMs then return counted(episode, alert, 'duplicate', 'within-fallback-time', 'time') end
  return enter(episode, alert, intent, 'state-unknown')
end

-- Without states a request stands for its alerts for the fallback time, whatever has become of it.
local function isRecent(record, alert)
  return lacks(alert, 'state-based-dedup') and record.uid ~= '' and now - record.intentAt < bounds.fallbackMs
end

local function judgeFiring(alert, intent)
  local episode = load(alert.key, '')
  if not episode then return enter(nil, alert, intent, 'new') end
  alert.again = not lacks(alert, 'state-based-dedup') and resolvedSince(alert, now - deliveryTtl)
  local record = windowOf(episode) or episode
  local over = record.state == 'ended' or record.state == 'held' or record.state == 'dead'
  if alert.eventUid ~= '' and growth(episode, alert) == 0 then
    return settled(episode, over and 'ignored' or 'duplicate', 'event-already-counted', 'cache')
  end
  if record.state == 'waiting' then return counted(episode, alert, 'buffered', 'waits-in-window', 'cache') end
  if record.state == 'pending' then return counted(episode, alert, 'duplicate', 'request-pending', 'cache') end
  if record.state == 'dead' and hasLetter(record) then return judgeDead(episode, alert) end
  if over and not isRecent(record, alert) then return enter(episode, alert, intent, 'request-ended') end
  if over then return counted(episode, alert, 'duplicate', 'within-fallback-time', 'time') end
  return judgeLive(record, episode, alert, intent)
end
