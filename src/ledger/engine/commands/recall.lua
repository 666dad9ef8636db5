-- How alerts of a delivery were answered. Changes nothing. O(alerts).
-- KEYS  1 seen
-- ARGV  1 virtual now or ''  2 caller's now  3 delivery ttl  4 the delivery's progress  then the ids of its alerts
-- Reply per alert { outcome, reason, rung }, all empty where nothing is remembered
local seenKey, deliveryTtl, deliveryProgress = KEYS[1], tonumber(ARGV[3]), ARGV[4]

--- @include "lib/remembered.lua"

local answers = {}
for i = 5, #ARGV do
  local entry = seenEntry(ARGV[i]) or { outcome = '', reason = '', rung = '' }
  answers[#answers + 1] = { entry.outcome, entry.reason, entry.rung }
end
return answers
