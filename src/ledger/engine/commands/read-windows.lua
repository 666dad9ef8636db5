-- Reads windows. Changes nothing. O(windows).
-- KEYS  the record of each window's group
-- ARGV  their ids
-- Reply per window { state, expired, closedAt, origin, alertname, size, count, threshold, openedAt, dueAt, ns, name, firstRequest, intent,
--       carried }, empty where it is gone

local FIELDS = { 'state', 'expired', 'closedAt', 'origin', 'alertname', 'size', 'count', 'threshold', 'openedAt', 'dueAt', 'ns', 'name',
  'firstRequest', 'intent', 'carried' }
local sights = {}
for i, key in ipairs(KEYS) do
  local names = {}
  for at, field in ipairs(FIELDS) do names[at] = ARGV[i] .. ':' .. field end
  local fields = redis.call('HMGET', key, unpack(names))
  sights[i] = fields[1] and fields or {}
end
return sights
