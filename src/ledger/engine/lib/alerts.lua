-- An alert as a command is handed it, in 25 fields.
--- @include "lib/flags.lua"
--- @uses bounds, shares

local ALERT_FIELDS = 25
local function rulesAt(at)
  if ARGV[at] == '' then return nil end
  return { threshold = tonumber(ARGV[at]), firstRequest = tonumber(ARGV[at + 1]), joinMs = tonumber(ARGV[at + 2]), alertname = ARGV[at + 3],
    maxMs = bounds.windowMs, alertsMax = bounds.windowAlerts }
end

local function alertAt(key, at)
  local alert = { key = key, kind = ARGV[at], fingerprint = ARGV[at + 1], entry = ARGV[at + 2], counted = ARGV[at + 3],
    instance = ARGV[at + 4], startsAt = tonumber(ARGV[at + 5]), namespace = ARGV[at + 6], shared = ARGV[at + 7] == '1',
    eventUid = ARGV[at + 8], eventCount = tonumber(ARGV[at + 9]), reason = ARGV[at + 10], unreachable = ARGV[at + 11] == '1',
    body = ARGV[at + 12], group = ARGV[at + 13], target = ARGV[at + 14], without = '',
    name = ARGV[at + 18], signalType = ARGV[at + 19], targetRule = ARGV[at + 20], urgency = tonumber(ARGV[at + 21]),
    eventLast = tonumber(ARGV[at + 22]) }
  -- Its namespace has a feature if its place, 0 to 9999, is below the feature's share.
  for i, feature in ipairs(FEATURES) do
    if tonumber(ARGV[at + 22 + i]) >= shares[i] * 100 then alert.without = alert.without .. feature .. ',' end
  end
  alert.rules = not lacks(alert, 'storm-buffering') and rulesAt(at + 15)
  return alert
end
