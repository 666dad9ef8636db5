-- Names due windows, the longest due first. Changes nothing. O(limit).
-- KEYS  1 windows
-- ARGV  1 virtual now or ''  2 caller's now  3 limit
-- Reply their subjects
--- @include "lib/time.lua"
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', 0, tonumber(ARGV[3]))
