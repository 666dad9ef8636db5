-- Overrides the share of namespaces that have a feature, or takes that back, and notes who did so and why. An override only lowers: one
-- above the lowest setting changes nothing. Sent twice, it leaves the state of one. O(1).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary
-- ARGV  1 virtual now or ''  2 caller's now  3 percent with state-based dedup  4 percent with storm buffering  5 operation
--       6 place of the feature among them  7 percent or ''  8 who  9 why  10 the rule whose rollback is acknowledged, or ''
-- Reply the lowest setting where the share is above it, the name of a rule that has turned the feature off where that is not
--       acknowledged, else ''
--- @include "lib/flags.lua"
--- @include "lib/flag-changes.lua"

local _, lowest = sharesOf({ ARGV[3], ARGV[4] })
local place, share = tonumber(ARGV[6]), ARGV[7]
local rollback = FEATURES[place] .. ':rollback'
local rule = string.match(redis.call('HGET', KEYS[15], rollback) or '', '^[^|]+')
if share ~= '' and tonumber(share) > lowest[place] then return text(lowest[place]) end
if rule and share ~= '0' and ARGV[10] ~= rule then return rule end
if ARGV[10] == rule then
  redis.call('HDEL', KEYS[15], rollback)
  redis.call('HDEL', KEYS[5], 'rolled_back:' .. FEATURES[place])
end
if not isChanged(ARGV[5]) then changeFlag(ARGV[5], FEATURES[place], share, ARGV[8], ARGV[9]) end
return ''
