-- How alerts of a delivery were answered. Changes nothing. O(alerts).
-- KEYS  1 seen
-- ARGV  1 virtual now or ''  2 caller's now  3 delivery ttl  4 the delivery's progress  5 its body's entry  6 what its key is bound to,
--       both '' without a key  then the ids of its alerts
-- Reply per alert { outcome, reason, rung }, all empty where nothing is remembered, or its key is bound to another body
local seenKey, deliveryTtl, deliveryProgress, keyed = KEYS[1], tonumber(ARGV[3]), ARGV[4], { entry = ARGV[5], body = ARGV[6] }

--- @include "lib/remembered.lua"

local answers, isOther = {}, isOtherBody()
for i = 7, #ARGV do
  local entry = not isOther and seenEntry(ARGV[i]) or { outcome = '', reason = '', rung = '' }
  answers[#answers + 1] = { entry.outcome, entry.reason, entry.rung }
end
return answers
