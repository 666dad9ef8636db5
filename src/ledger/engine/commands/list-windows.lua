-- Names windows, the next due first. Changes nothing. O(offset + limit).
-- KEYS  1 windows
-- ARGV  1 offset  2 limit
-- Reply { total, subjects }
local first = tonumber(ARGV[1])
return { string.format('%.0f', redis.call('ZCARD', KEYS[1])), redis.call('ZRANGE', KEYS[1], first, first + tonumber(ARGV[2]) - 1) }
