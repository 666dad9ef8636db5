-- Reads what became of a fingerprint. Changes nothing. O(1).
-- KEYS  1 its episode
-- ARGV  1 virtual now or ''  2 caller's now
-- Reply { state, occurrences, namespace, name, window or '', steps, draft }, empty where nothing is known of it
--- @include "lib/time.lua"
--- @include "lib/letter-state.lua"
local held = redis.call('HMGET', KEYS[1], 'state', 'count', 'others', 'ns', 'name', 'window', 'steps', 'draft', 'letterAt')
if not held[1] then return {} end
local count = (tonumber(held[2] or '') or 0) + (tonumber(held[3] or '') or 0)
return { stateOf(held[1], held[9]), text(count), held[4] or '', held[5] or '', held[6] or '', held[7] or '', held[8] or '' }
