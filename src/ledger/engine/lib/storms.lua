-- When a storm stops taking alerts, should nobody join from now on.
--- @include "lib/members.lua"
--- @include "lib/intents.lua"
--- @include "lib/counters.lua"
--- @include "lib/storm-units.lua"

local function joinsUntil(window) return math.min(now + window.joinMs, window.openedAt + window.maxMs) end

local function hasPlace(storm) return storm.size + storm.adoptedMembers < storm.alertsMax end

-- The window has one request for all its members.
local function aggregate(window, intent, due)
  pointAway(window.subject, 'buffering')
  pointAt(window.subject, 'joinable')
  addBuffered(window, -window.size)
  window.intent, window.state, window.intentAt = intent, 'pending', now
  window.dueAt = joinsUntil(window)
  carry(window)
  openIntent(window, due, now)
  bump('settled:storm', window.size)
  bump('owed', 1)
  bump('storms_detected', 1)
  storms.reached(window)
end

-- The storm takes no more alerts.
local function closeStorm(window)
  pointAway(window.subject, 'joinable')
  if not window.closedAt then storms.closed(window) end
  window.closedAt, window.dueAt = window.closedAt or now, nil
  queueCount(window)
end

-- The members of a window whose request can never be made get requests of their own.
local function dissolve(window)
  pointAway(window.subject, 'joinable')
  storms.dissolved(window)
  closeIntent(window)
  window.state, window.expired, window.dueAt = 'waiting', '1', now
  addBuffered(window, window.size)
  bump('settled:dissolved', 1)
  bump('owed', window.size)
end

-- Forgets a window that is owed nothing and has no member left; else it is not swept again.
local function forgetWindow(window)
  if window.size > 0 then return end
  window.dueAt = nil
  if redis.call('ZSCORE', KEYS[3], markOf(window)) then return end
  -- All its members have other requests.
  if window.state == 'pending' then bump('settled:request', 1) end
  closeIntent(window)
  for _, which in ipairs({ 'buffering', 'joinable', 'again' }) do pointAway(window.subject, which) end
  redis.call('ZREM', KEYS[7], window.subject)
  redis.call('HDEL', window.key, 'uid:' .. window.uid, unpack(fieldsOf(WORDS, window.at)))
  redis.call('HDEL', window.key, unpack(fieldsOf(NUMBERS, window.at)))
  windows[window.subject] = false
end
