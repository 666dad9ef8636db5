-- Reads counters. Changes nothing. O(counters).
-- KEYS  1 counters
-- ARGV  their names
-- Reply their values in that order, as text
local values = redis.call('HMGET', KEYS[1], unpack(ARGV))
for i = 1, #ARGV do values[i] = values[i] or '0' end
return values
