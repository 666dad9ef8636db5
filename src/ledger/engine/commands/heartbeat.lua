-- Notes that a watch is alive, and when that was last told, and forgets those that are not. O(watches).
-- KEYS  1 sessions  2 counters
-- ARGV  1 virtual now or ''  2 caller's now  3 session
-- Reply the session
--- @include "lib/time.lua"
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if now - tonumber(held[i + 1]) >= SESSION_ALIVE_MS then redis.call('HDEL', KEYS[1], held[i]) end
end
redis.call('HSET', KEYS[1], ARGV[3], text(now))
redis.pcall('HSET', KEYS[2], 'heartbeat_seen', text(now))
redis.call('PEXPIRE', KEYS[1], 2 * SESSION_ALIVE_MS)
return ARGV[3]
