-- Reads windows. Changes nothing. O(windows).
-- KEYS  the record of each window's group
-- ARGV  1 virtual now or ''  2 caller's now, then their ids
-- Reply per window { state, origin, alertname, size, count, threshold, openedAt, dueAt, ns, name, firstRequest, intent while it is open
--       or '', carried }, empty where it is gone
--- @include "lib/states.lua"

local FIELDS = { 'state', 'origin', 'alertname', 'size', 'count', 'threshold', 'openedAt', 'dueAt', 'ns', 'name', 'firstRequest', 'intent',
  'carried', 'expired', 'closedAt' }
local STATE, INTENT, EXPIRED, CLOSED_AT = 1, 12, 14, 15
local sights = {}
for i, key in ipairs(KEYS) do
  local names = {}
  for at, field in ipairs(FIELDS) do names[at] = ARGV[i + 2] .. ':' .. field end
  local fields = redis.call('HMGET', key, unpack(names))
  sights[i] = fields[STATE] and fields or {}
  if fields[STATE] then
    if fields[STATE] ~= 'pending' then fields[INTENT] = '' end
    fields[STATE] = shownWindow(fields[STATE], fields[EXPIRED] ~= '' or fields[CLOSED_AT] ~= '')
  end
end
return sights
