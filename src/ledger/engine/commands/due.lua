-- Names the due intents and counts, oldest first, and tells when the next thing is due. Changes nothing. O(limit).
-- KEYS  1 intents  2 counts  3 windows
-- ARGV  1 virtual now or ''  2 caller's now  3 limit
-- Reply { subjects, marks, a window is due 1 | 0, ms until the next thing is due or '' }
--- @include "lib/next-due.lua"
local function due(key) return redis.call('ZRANGEBYSCORE', key, '-inf', text(now), 'LIMIT', 0, tonumber(ARGV[3])) end
local sweep = #redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', text(now), 'LIMIT', 0, 1)
return { due(KEYS[1]), due(KEYS[2]), text(sweep), nextDueIn(KEYS) }
