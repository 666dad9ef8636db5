-- What is remembered of an alert's own instance.
--- @include "lib/records.lua"

-- Whether it was resolved after a time, with the same or a later start.
local function resolvedSince(alert, since)
  local startsAt, at = string.match(redis.call('HGET', alert.key, 'resolved:' .. alert.instance) or '', '^(-?%d+)|(%d+)$')
  return at and tonumber(startsAt) >= alert.startsAt and tonumber(at) > since
end

-- Whether it fires since a start that its resolve speaks of.
local function firesStill(alert)
  local since = tonumber(redis.call('HGET', alert.key, 'firing:' .. alert.instance) or '')
  return since and since <= alert.startsAt
end

-- Whether it has turned since it was answered: that answer says nothing of now.
local function hasTurned(alert, answeredAt)
  if alert.kind == 'firing' then return resolvedSince(alert, answeredAt) end
  return alert.kind == 'resolved' and firesStill(alert)
end
