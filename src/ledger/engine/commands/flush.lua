-- Makes a window due now where it takes alerts. O(1).
-- KEYS  1 windows  2 the record of its group
-- ARGV  1 virtual now or ''  2 caller's now  3 its subject
-- Reply 1 where it did, else 0
--- @include "lib/time.lua"
local id = string.sub(ARGV[3], 66)
local held = redis.call('HMGET', KEYS[2], id .. ':state', id .. ':expired', id .. ':dueAt')
if not held[1] or held[1] == 'ended' or held[2] ~= '' or (held[3] or '') == '' then return '0' end
redis.call('HSET', KEYS[2], id .. ':dueAt', text(now))
redis.call('ZADD', KEYS[1], text(now), ARGV[3])
return '1'
