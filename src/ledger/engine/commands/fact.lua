-- Applies facts in order, each on its own; one applied twice changes nothing the second time. O(facts).
-- KEYS  1 intents  2 intentsOf  3 counts  4 sealed  5 counters  6 intentsSince  7 windows  8 buffered  9 letters
--       10 intentTurns  11 intentsServed  12 countTurns  13 countsServed  14 invalidLetters  15 flags  16 canary,
--       then record and members of each group, then one record per fact
-- ARGV  1 virtual now or ''  2 caller's now  3 lease ms  4 facts  5 groups, then their ids, then 22 fields per fact
-- Reply per fact { bound | applied | dropped, occurrences }

local lease = tonumber(ARGV[3])

--- @include "lib/shared-keys.lua"
--- @include "lib/apply-fact.lua"

local groupCount, outcomes = tonumber(ARGV[5]), {}
declareGroups(groupCount, 6, SHARED_KEY_COUNT + 1)
for i = 1, tonumber(ARGV[4]) do
  local kind, count = applyFact(KEYS[SHARED_KEY_COUNT + 2 * groupCount + i], factAt(6 + groupCount + (i - 1) * FACT_FIELDS))
  outcomes[i] = { kind, count }
end
saveWindows()
units.save()
return outcomes
